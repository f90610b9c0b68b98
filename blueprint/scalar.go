package blueprint

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// tagUnresolved marks a scalar whose ${...} could not be evaluated. The problem has been reported where
// it arose, so that decoding passes over such a scalar in silence.
const tagUnresolved = "!unresolved"

func unresolved(n *yaml.Node) bool { return n != nil && n.Tag == tagUnresolved }

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// isText says whether a scalar is a text for the language. YAML's dates are: the generators read them.
func isText(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode {
		return false
	}
	tag := n.ShortTag()
	return tag == "!!str" || tag == "!!timestamp"
}

var (
	leadingZero = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
	digitsOnly  = regexp.MustCompile(`^[-+]?[0-9][0-9_]*$`)
)

var errTooLarge = errors.New("too large")

// parseInt reads YAML's integers: decimal, 0x, 0o and 0b, with underscores.
func parseInt(s string) (int64, error) {
	v, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 0, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, errTooLarge
	}
	return v, err
}

// scalar gives a scalar's value: nil, bool, int64, float64 or string. The error says what is wrong with
// it and is meant to follow "found".
func scalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!bool":
		switch strings.ToLower(n.Value) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	case "!!int":
		if leadingZero.MatchString(n.Value) {
			return nil, fmt.Errorf("%s, a number with a leading zero: put it in quotes if it is a text", n.Value)
		}
		v, err := parseInt(n.Value)
		if err == nil {
			return v, nil
		}
		if errors.Is(err, errTooLarge) {
			return nil, fmt.Errorf("%s, which is too large for an integer: put it in quotes if it is a text", clip(n.Value))
		}
	case "!!float":
		if digitsOnly.MatchString(n.Value) && n.Value != "-0" {
			return nil, fmt.Errorf("%s, which is too large for an integer: put it in quotes if it is a text", clip(n.Value))
		}
		v, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
		if err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
			return v, nil
		}
		return nil, fmt.Errorf("%s, which is no finite number", clip(n.Value))
	}
	return nil, fmt.Errorf("%s with the unknown YAML tag %s", quoted(n.Value), n.Tag)
}

// found names a node for "want an integer, found ...".
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		v, err := scalar(n)
		if err != nil {
			return err.Error()
		}
		switch v.(type) {
		case nil:
			return "nothing (null)"
		case bool:
			return "boolean " + n.Value
		case int64:
			return "integer " + n.Value
		case float64:
			return "number " + n.Value
		}
		return "text " + quoted(n.Value)
	}
	return "no value"
}

// clip shortens a text for a message.
func clip(s string) string {
	const limit = 60 // characters
	r := []rune(s)
	if len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}

func quoted(s string) string { return strconv.Quote(clip(s)) }

// setScalar makes a scalar node of a value: nil, bool, int64, float64 or string.
func setScalar(n *yaml.Node, v any) {
	n.Kind, n.Style = yaml.ScalarNode, 0
	switch v := v.(type) {
	case nil:
		n.Tag, n.Value = "!!null", "null"
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(v)
	case int64:
		n.Tag, n.Value = "!!int", strconv.FormatInt(v, 10)
	case float64:
		n.Tag, n.Value = "!!float", formatFloat(v)
		if digitsOnly.MatchString(n.Value) {
			n.Value += ".0"
		}
	case string:
		n.Tag, n.Value = "!!str", v
	default:
		panic(fmt.Sprintf("blueprint: scalar of type %T", v))
	}
}

func formatFloat(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
