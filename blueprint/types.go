package blueprint

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Ordered is a mapping with names of the user's choice, in the file's order.
type Ordered[T any] []Entry[T]

// Entry is one key of an Ordered mapping.
type Entry[T any] struct {
	Key      string // as written
	KeyValue Value  // the key with its YAML type
	Value    T
	Pos      Pos // of the key
}

// DecodeNode implements NodeDecoder.
func (o *Ordered[T]) DecodeNode(d *Decoder, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		d.wants(n, "", "a mapping")
		return
	}
	*o = make(Ordered[T], 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if unresolved(key) {
			continue
		}
		e := Entry[T]{Key: key.Value, Pos: d.pos(key)}
		v, err := scalar(key)
		if err != nil {
			d.problem(e.Pos, "", "a key cannot be %v", err)
			continue
		}
		e.KeyValue = Value{V: v, Pos: e.Pos}
		d.decodeAt(value, &e.Value, key.Value, e.Pos)
		*o = append(*o, e)
	}
}

// decodeAt decodes what stands under a key.
func (d *Decoder) decodeAt(n *yaml.Node, into any, label string, at Pos) {
	d.value(n, target(into), label, at)
}

// DecodeNode implements NodeDecoder.
func (v *Value) DecodeNode(d *Decoder, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		d.wants(n, "", "a number, a text, true, false or null")
		return
	}
	x, err := scalar(n)
	if err != nil {
		d.problem(d.pos(n), "", "found %v", err)
		return
	}
	*v = Value{V: x, Pos: d.pos(n)}
}

// asInt64 gives a scalar's integer; 1e6 and 5.0 are integers too.
func asInt64(x any) (int64, bool) {
	switch x := x.(type) {
	case int64:
		return x, true
	case float64:
		if x == math.Trunc(x) && math.Abs(x) <= 1<<53 {
			return int64(x), true
		}
	}
	return 0, false
}

// asUint64 reads the integers past int64.
func asUint64(n *yaml.Node) (uint64, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || leadingZero.MatchString(n.Value) {
		return 0, false
	}
	u, err := strconv.ParseUint(strings.TrimPrefix(strings.ReplaceAll(n.Value, "_", ""), "+"), 0, 64)
	return u, err == nil
}

// Duration is a span of time in microseconds, written "10s", "5m", "2h", "30d", "-5m", "1.5h" or "1h30m".
type Duration int64

var durationUnits = map[string]int64{
	"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6, "d": 86400e6, "w": 7 * 86400e6,
}

var errDuration = errors.New(`want a duration such as "10s", "5m", "2h" or "30d"`)

// ParseDuration reads a duration: numbers with the units us, ms, s, m, h, d (24 hours) and w.
func ParseDuration(s string) (Duration, error) {
	rest, negative := strings.CutPrefix(s, "-")
	if !negative {
		rest = strings.TrimPrefix(rest, "+")
	}
	if rest == "" {
		return 0, errDuration
	}
	var sum int64
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		number := rest[:digits]
		rest = rest[digits:]
		letters := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))
		unit, ok := durationUnits[rest[:letters]]
		if !ok {
			return 0, errDuration
		}
		rest = rest[letters:]
		us, err := scaled(number, unit)
		if err != nil {
			return 0, err
		}
		if sum += us; sum < 0 {
			return 0, errors.New("the duration is too large")
		}
	}
	if negative {
		sum = -sum
	}
	return Duration(sum), nil
}

// scaled gives number, a decimal without a sign, times unit.
func scaled(number string, unit int64) (int64, error) {
	whole, fraction, _ := strings.Cut(number, ".")
	if whole == "" && fraction == "" {
		return 0, errDuration
	}
	w, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil || w > math.MaxInt64/unit {
		return 0, errors.New("the duration is too large")
	}
	sum := w * unit
	for _, c := range fraction {
		if c == '.' {
			return 0, errDuration
		}
		// The digit's place must be a whole number of microseconds, or the digit nothing.
		if unit%10 != 0 {
			if c != '0' {
				return 0, errors.New("the duration is finer than a microsecond")
			}
			continue
		}
		unit /= 10
		sum += int64(c-'0') * unit
	}
	if sum < 0 {
		return 0, errors.New("the duration is too large")
	}
	return sum, nil
}

// String writes the duration as ParseDuration reads it, in the largest unit that divides it.
func (d Duration) String() string {
	for _, u := range []string{"d", "h", "m", "s", "ms"} {
		if n := durationUnits[u]; d != 0 && int64(d)%n == 0 {
			return strconv.FormatInt(int64(d)/n, 10) + u
		}
	}
	if d == 0 {
		return "0s"
	}
	return strconv.FormatInt(int64(d), 10) + "us"
}

// DecodeNode implements NodeDecoder.
func (d *Duration) DecodeNode(dec *Decoder, n *yaml.Node) {
	const what = `a duration such as "10s", "5m", "2h" or "30d"`
	if n.Kind == yaml.ScalarNode && !isText(n) && !isNull(n) && n.ShortTag() != "!!bool" {
		dec.wants(n, fmt.Sprintf("give the unit, %ss for seconds", n.Value), what)
		return
	}
	if !isText(n) {
		dec.wants(n, "", what)
		return
	}
	v, err := ParseDuration(n.Value)
	switch {
	case errors.Is(err, errDuration):
		dec.wants(n, "", what)
	case err != nil:
		dec.problem(dec.pos(n), "", "%v: %s", err, quoted(n.Value))
	default:
		*d = v
	}
}

// DateTime is a wall clock time without a zone, in microseconds since 1970-01-01 00:00:00 of that clock.
type DateTime int64

const wantDateTime = `a date and time such as "2025-05-01" or "2025-05-01 13:30:00"`

// ParseDateTime reads "2006-01-02" and "2006-01-02 15:04:05", with a T for the space and with up to six
// decimals.
func ParseDateTime(s string) (DateTime, error) {
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		t, err := time.Parse(layout, s)
		if err == nil && t.Nanosecond()%1000 == 0 && t.Year() > 0 && !strings.Contains(s, ",") {
			return DateTime(t.UnixMicro()), nil
		}
	}
	if _, err := time.Parse("2006-01-02 15:04:05Z07:00", strings.Replace(s, "T", " ", 1)); err == nil {
		return 0, errors.New("want " + wantDateTime + ", without a time zone")
	}
	return 0, errors.New("want " + wantDateTime)
}

// String writes "2006-01-02 15:04:05", with decimals where there are any.
func (t DateTime) String() string {
	return time.UnixMicro(int64(t)).UTC().Format("2006-01-02 15:04:05.999999")
}

// DecodeNode implements NodeDecoder.
func (t *DateTime) DecodeNode(d *Decoder, n *yaml.Node) {
	if !isText(n) {
		d.wants(n, "", wantDateTime)
		return
	}
	v, err := ParseDateTime(n.Value)
	if err != nil {
		d.problem(d.pos(n), "", "%v, found text %s", err, quoted(n.Value))
		return
	}
	*t = v
}
