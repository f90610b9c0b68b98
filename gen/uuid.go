package gen

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// UUID makes UUIDs (RFC 9562), distinct over all rows by construction.
type UUID struct {
	Version int    `yaml:"version" short:"true" desc:"4 (random) or 7 (ordered by time); default 4"`
	At      string `yaml:"at" desc:"version 7: the column whose time the UUID carries"`
}

// OutputVersion implements Maker.
func (*UUID) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *UUID) Make(c *Context) (Filler, error) {
	f := &uuid{key: c.Key, version: m.Version}
	switch m.Version {
	case 0:
		f.version = 4
	case 4:
	case 7:
		if m.At == "" {
			return nil, fmt.Errorf("version 7 carries a time: name its column, as in {version: 7, at: created_at}")
		}
		in, err := c.Host.Input(m.At)
		if err != nil {
			return nil, err
		}
		if in.Kind != column.Timestamp {
			return nil, fmt.Errorf("%s is of kind %s: version 7 needs a timestamp", m.At, in.Kind)
		}
		f.at = in.Index
	default:
		return nil, fmt.Errorf("version %d is unknown: 4 or 7", m.Version)
	}
	return f, nil
}

type uuid struct {
	key     rng.Key
	version int
	at      int
}

func (f *uuid) Kind() column.Kind { return column.UUID }
func (f *uuid) Facts() Facts      { return Facts{Drawn: true, Apart: "uuid"} }
func (f *uuid) Distinct() bool    { return true }
func (f *uuid) String() string    { return fmt.Sprintf("uuid v%d", f.version) }
func (f *uuid) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		if f.version == 7 {
			dst.AppendUUID(f.key.UUIDv7(s.Rows.At(i), s.Attempt, s.Inputs[f.at].Ints[i]/1000))
		} else {
			dst.AppendUUID(f.key.UUID(s.Rows.At(i), s.Attempt))
		}
	}
	return nil
}
func (f *uuid) Rules() []Rule {
	pattern := fmt.Sprintf("[0-9a-f]{8}-[0-9a-f]{4}-%d[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", f.version)
	return []Rule{{
		Text: fmt.Sprintf("is a version %d UUID", f.version),
		SQL:  func(d Dialect, x string, _ []string) string { return d.Matches("cast("+x+" as text)", pattern) },
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			u := v.UUIDAt(i)
			return u[6]>>4 == byte(f.version) && u[8]>>6 == 2
		},
	}}
}
