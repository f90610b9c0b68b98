package blueprint

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Given is a parameter's value from outside the blueprint.
type Given struct {
	Value  any    // text, as flags and the environment give it, or a bool, number or text of a config file
	Source string // where it came from, as problems name it: "flag --seed", "environment SEED", "config file c.json"
}

// parameterTypes are the types that a parameter may have.
var parameterTypes = []string{"integer", "number", "string", "boolean", "uuid", "datetime"}

// maxParameterLen is the length of a parameter's text in bytes.
const maxParameterLen = 64 << 10

// fileParameter is a parameter's declaration in the file.
type fileParameter struct {
	Type     string     `yaml:"type" required:"true" enum:"integer,number,string,boolean,uuid,datetime" desc:"What values it takes."`
	Default  *yaml.Node `yaml:"default" desc:"The value where none is given."`
	Min      *yaml.Node `yaml:"min" desc:"The least value allowed, for integer, number and datetime."`
	Max      *yaml.Node `yaml:"max" desc:"The greatest value allowed, for integer, number and datetime."`
	Env      string     `yaml:"env" desc:"An environment variable that sets it, besides SOWER_ and its name in capitals."`
	Config   string     `yaml:"config" desc:"The path of its key in a config file, with dots between the levels. Its name where left out."`
	Required bool       `yaml:"required" desc:"A run without a value stops before it connects to the database."`
	Help     string     `yaml:"help" desc:"What it is for, in one line: the flag's help text."`
}

var (
	parameterName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	envName       = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	configPath    = regexp.MustCompile(`^[^.\s]+(\.[^.\s]+)*$`)

	// reservedNames are words of the expressions' language.
	reservedNames = []string{
		"and", "or", "not", "in", "matches", "contains", "if", "else", "let", "true", "false", "nil",
		"round", "floor", "ceil", "min", "max", "int", "float",
	}
)

// parameter checks a declaration.
func (d *Decoder) parameter(e Entry[fileParameter]) *Parameter {
	f := e.Value
	p := &Parameter{
		Name: e.Key, Type: f.Type, Env: f.Env, Config: f.Config, Required: f.Required, Help: f.Help, Pos: e.Pos,
	}
	before := len(d.problems)
	d.label = e.Key
	defer func() {
		d.label = ""
		p.broken = p.broken || len(d.problems) > before
	}()
	switch {
	case !parameterName.MatchString(e.Key):
		d.problem(e.Pos, "", "a parameter's name is made of a-z, 0-9 and _ and begins with a letter")
	case slices.Contains(reservedNames, e.Key):
		d.problem(e.Pos, "take another name", "the word has a meaning in expressions")
	}
	if f.Env != "" && !envName.MatchString(f.Env) {
		d.problem(e.Pos, "", "env: %s cannot be the name of an environment variable", quoted(f.Env))
	}
	if f.Config != "" && !configPath.MatchString(f.Config) {
		d.problem(e.Pos, "", "config: %s is no path of a key: names with dots between them", quoted(f.Config))
	}
	if !slices.Contains(parameterTypes, f.Type) {
		p.Type, p.broken = "", true // reported by the decoder
		return p
	}
	if ordered := p.Type == "integer" || p.Type == "number" || p.Type == "datetime"; ordered {
		p.Min = d.parameterValue(p, f.Min, "min")
		p.Max = d.parameterValue(p, f.Max, "max")
		if p.Min != nil && p.Max != nil && p.below(p.Max, p.Min) {
			d.problem(d.pos(f.Max), "", "max is %s, which is below min, %s", shown(p.Max), shown(p.Min))
			p.Min, p.Max = nil, nil
		}
	} else {
		for _, n := range []*yaml.Node{f.Min, f.Max} {
			if n != nil {
				d.problem(d.pos(n), "", "min and max are for integer, number and datetime, not for %s", p.Type)
			}
		}
	}
	p.Default = d.parameterValue(p, f.Default, "default")
	if p.Default != nil {
		if err := p.checkBounds(p.Default); err != nil {
			d.problem(d.pos(f.Default), "", "default is %s: %v", shown(p.Default), err)
		}
		if p.Required {
			d.problem(e.Pos, "leave one of them out", "required and default exclude each other")
		}
	}
	return p
}

// parameterValue reads default, min or max of a declaration; nil where there is none or a wrong one.
func (d *Decoder) parameterValue(p *Parameter, n *yaml.Node, key string) any {
	if n == nil || unresolved(n) || isNull(n) {
		return nil
	}
	outer := d.label
	d.label += "." + key
	defer func() { d.label = outer }()
	var raw any
	if n.Kind == yaml.ScalarNode {
		raw, _ = scalar(n)
	}
	ok := false
	switch raw.(type) {
	case int64:
		ok = p.Type == "integer" || p.Type == "number"
	case float64:
		ok = p.Type == "integer" || p.Type == "number"
	case bool:
		ok = p.Type == "boolean"
	case string:
		ok = p.Type == "string" || p.Type == "uuid" || p.Type == "datetime"
	}
	if ok {
		v, err := p.convert(raw)
		if err == nil {
			return v
		}
		if p.Type == "string" {
			d.problem(d.pos(n), "", "%v", err)
			return nil
		}
	}
	suggestion := ""
	if p.Type == "string" && raw != nil {
		suggestion = "put it in quotes"
	}
	d.wants(n, suggestion, p.wanted())
	return nil
}

// wanted names the parameter's type for "want ...".
func (p *Parameter) wanted() string {
	switch p.Type {
	case "integer":
		return "an integer"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "uuid":
		return `a UUID such as "123e4567-e89b-42d3-a456-426614174000"`
	case "datetime":
		return wantDateTime
	}
	return "a text"
}

// Parse reads a value of the parameter's type and checks it against the bounds. The result is an int64,
// float64, string or bool; UUIDs and times are strings in their canonical form. The error is a phrase
// such as "at least 0" or "want an integer".
func (p *Parameter) Parse(v any) (any, error) {
	v, err := p.convert(v)
	if err != nil {
		return nil, err
	}
	return v, p.checkBounds(v)
}

func (p *Parameter) convert(v any) (any, error) {
	wanted := errors.New("want " + p.wanted())
	switch x := v.(type) {
	case int:
		v = int64(x)
	case uint64:
		if x > math.MaxInt64 {
			return nil, errors.New("too large for an integer")
		}
		v = int64(x)
	case json.Number:
		v = string(x)
	}
	text, isText := v.(string)
	switch p.Type {
	case "integer":
		if isText {
			i, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(text), "_", ""), 10, 64)
			if errors.Is(err, strconv.ErrRange) {
				return nil, errors.New("too large for an integer")
			}
			if err != nil {
				return nil, wanted
			}
			return i, nil
		}
		if i, ok := asInt64(v); ok {
			return i, nil
		}
	case "number":
		if isText {
			f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				return nil, wanted
			}
			v = f
		}
		switch x := v.(type) {
		case int64:
			return float64(x), nil
		case float64:
			if !math.IsInf(x, 0) && !math.IsNaN(x) {
				return x, nil
			}
		}
	case "boolean":
		if b, ok := v.(bool); ok {
			return b, nil
		}
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
	case "string":
		if !isText {
			switch v.(type) {
			case bool, int64, float64:
				text = fmt.Sprint(v)
			default:
				return nil, wanted
			}
		}
		if len(text) > maxParameterLen || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return nil, fmt.Errorf("want at most %d bytes of UTF-8 text", maxParameterLen)
		}
		return text, nil
	case "uuid":
		if u, ok := canonicalUUID(strings.TrimSpace(text)); isText && ok {
			return u, nil
		}
	case "datetime":
		if isText {
			t, err := ParseDateTime(strings.TrimSpace(text))
			if err != nil {
				return nil, err
			}
			return t.String(), nil
		}
	}
	return nil, wanted
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func canonicalUUID(s string) (string, bool) {
	s = strings.ToLower(s)
	return s, uuidForm.MatchString(s)
}

// below compares two values of the parameter's type. Canonical times are ordered as texts are, but for
// their decimals: "…:00" stands before "…:00.5" in both orders.
func (p *Parameter) below(a, b any) bool {
	switch a := a.(type) {
	case int64:
		return a < b.(int64)
	case float64:
		return a < b.(float64)
	case string:
		return a < b.(string)
	}
	return false
}

func (p *Parameter) checkBounds(v any) error {
	switch {
	case p.Min != nil && p.below(v, p.Min):
		return fmt.Errorf("at least %s", shown(p.Min))
	case p.Max != nil && p.below(p.Max, v):
		return fmt.Errorf("at most %s", shown(p.Max))
	}
	return nil
}

// shown writes a value for a message.
func shown(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// Flag is the name of the parameter's flag, without dashes: its name in kebab-case.
func (p *Parameter) Flag() string { return strings.ReplaceAll(p.Name, "_", "-") }

// sources says how the parameter can be set.
func (p *Parameter) sources() string {
	s := "set the flag --" + p.Flag()
	if p.Env != "" {
		return s + " or the environment variable " + p.Env
	}
	return s + " or the environment variable SOWER_" + strings.ToUpper(p.Name)
}

// withValues gives copies of the parameters with their values. Unset are those that have none though
// they must, or a wrong one.
func withValues(params []*Parameter, values map[string]Given, ps *Problems) (out []*Parameter, unset map[string]bool) {
	unset = make(map[string]bool)
	known := make([]string, 0, len(params))
	for _, p := range params {
		known = append(known, p.Name)
		q := *p
		q.Value = q.Default
		given, ok := values[q.Name]
		switch {
		case q.broken: // which has been reported
			unset[q.Name] = true
		case ok:
			v, err := q.Parse(given.Value)
			if err != nil {
				from := ""
				if given.Source != "" {
					from = " (from " + given.Source + ")"
				}
				ps.add(q.Pos, "", "%s is %s%s: %v", q.Name, givenText(v, given.Value), from, err)
				unset[q.Name] = true
			} else {
				q.Value = v
			}
		case q.Required && q.Default == nil:
			ps.add(q.Pos, q.sources(), "%s is required and has no value", q.Name)
			unset[q.Name] = true
		}
		out = append(out, &q)
	}
	for _, name := range sortedKeys(values) {
		if !slices.Contains(known, name) {
			from := ""
			if s := values[name].Source; s != "" {
				from = " (from " + s + ")"
			}
			ps.add(Pos{}, didYouMean(name, known), "unknown parameter %q%s", name, from)
		}
	}
	return out, unset
}

// givenText writes a given value: numbers as they are, once they have been read, texts in quotes.
func givenText(parsed, given any) string {
	switch parsed.(type) {
	case int64, float64:
		return shown(parsed)
	}
	if s, ok := given.(string); ok {
		return quoted(s)
	}
	return clip(fmt.Sprint(given))
}
