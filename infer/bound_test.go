package infer

import (
	"testing"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

func at(value string, open bool) *check.Bound { return &check.Bound{Value: value, Open: open} }

// Intervals lie within the bounds that checks tell, in a unit that gives enough of them.
func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		min, max *check.Bound
		unique   bool
		want     string // "" for none
	}{
		{nil, nil, false, "{interval: {min: 1, max: 90, unit: minutes}}"},
		{at("1 hour", true), nil, false, "{interval: {min: 61, max: 150, unit: minutes}}"},
		{at("1 hour", false), nil, false, "{interval: {min: 60, max: 150, unit: minutes}}"},
		{at("5 minutes", false), at("2 days", false), false, "{interval: {min: 1, max: 48, unit: hours}}"},
		{at("1 month", false), at("1 year 6 months", true), false, "{interval: {min: 30, max: 539, unit: days}}"},
		{nil, at("30 seconds", true), false, "{interval: {min: 1, max: 29, unit: seconds}}"},
		{nil, at("-2 days", true), false, "{interval: {min: -2969, max: -2881, unit: minutes}}"},
		{at("90 minutes", false), at("90 minutes", false), false, "{interval: {min: 5400, max: 5400, unit: seconds}}"},
		{at("1 second", true), at("2 seconds", true), false, ""},
		{nil, nil, true, "{interval: {min: 1, max: 2000, unit: minutes}}"},
		{at("0 seconds", true), at("2 hours", true), true, "{interval: {min: 1, max: 7199, unit: seconds}}"},
	} {
		s := &site{column: &schema.Column{}, domain: &check.Domain{Min: c.min, Max: c.max}, unique: c.unique, rows: 1000}
		if got := s.intervals().String(); got != c.want {
			t.Errorf("%+v to %+v: %s, not %s", c.min, c.max, got, c.want)
		}
	}
}

// A column's name keeps its say within the bounds that checks set.
func TestWithin(t *testing.T) {
	integer, small := schema.Type{Kind: column.Int, Width: 4}, schema.Type{Kind: column.Int, Width: 2}
	money, share, real := schema.Type{Kind: column.Decimal, Precision: 10, Scale: 2}, schema.Type{Kind: column.Decimal, Precision: 3, Scale: 2}, schema.Type{Kind: column.Float, Width: 8}
	for _, c := range []struct {
		rule     yaml
		typ      schema.Type
		min, max *check.Bound
		want     string // "" where nothing is left
	}{
		{call("integer", "min", 1, "max", 5), small, at("1", false), at("5", false), "{integer: {min: 1, max: 5}}"},
		{call("integer", "min", 1, "max", 5), small, at("0", true), at("10", false), "{integer: {min: 1, max: 10}}"},
		{call("integer", "min", 1990, "max", 2025), integer, at("1876", false), at("2155", false), "{integer: {min: 1990, max: 2025}}"},
		{call("integer", "min", 1990, "max", 2025), integer, at("2030", false), nil, "{integer: {min: 2030, max: 2065}}"},
		{call("integer", "min", 1990, "max", 2025), integer, nil, at("1900", true), "{integer: {min: 1864, max: 1899}}"},
		{call("integer", "min", 1, "max", 20, "distribution", "exponential", "mean", 3), integer, at("0", true), nil, "{integer: {min: 1, max: 20, distribution: exponential, mean: 3}}"},
		{call("integer", "min", 1, "max", 20, "distribution", "exponential", "mean", 3), integer, at("0", true), at("5", false), "{integer: {min: 1, max: 5}}"},
		{call("integer", "min", 100, "max", 200000), small, at("0", false), nil, "{integer: {min: 100, max: 32767}}"},
		{call("integer", "min", 100, "max", 4000, "step", 10), integer, at("105", false), nil, "{integer: {min: 105, max: 4000}}"},
		{call("integer", "min", 1, "max", 9), integer, at("0.5", true), at("2.5", true), "{integer: {min: 1, max: 2}}"},
		{call("price", "min", 1, "max", 500), money, at("0", true), nil, `{price: {min: "1.00", max: "500.00"}}`},
		{call("price", "min", 1, "max", 500), money, at("0", true), at("99.5", true), `{price: {min: "0.01", max: "99.49"}}`},
		{call("decimal", "min", 0, "max", "0.25"), share, at("0", false), at("1", true), `{decimal: {min: "0.00", max: "0.99"}}`},
		{call("decimal", "max", "0.99"), share, at("0", false), nil, `{decimal: {min: "0.00", max: "0.99"}}`},
		{call("decimal", "min", 0, "max", 100), share, at("0", false), nil, `{decimal: {min: "0.00", max: "9.99"}}`},
		{call("float", "min", -10, "max", 35, "step", 0.01), real, at("-273.15", true), nil, "{float: {min: -10.00, max: 35.00, step: 0.01}}"},
		{call("integer", "min", 0, "max", 4), integer, at("7", false), at("7", false), "{integer: {min: 7, max: 7}}"},
		{call("integer", "min", 0, "max", 4), integer, at("7", false), at("6", false), ""},
		{call("word", "type", "month"), integer, at("7", false), nil, "{word: {type: month}}"},
	} {
		s := &site{domain: &check.Domain{Min: c.min, Max: c.max}, column: &schema.Column{Type: c.typ}}
		k, ok := s.within(Candidate{Generator: c.rule})
		if ok != (c.want != "") || ok && k.Generator.String() != c.want {
			t.Errorf("%s within %+v to %+v: %s %v, not %s", c.rule, c.min, c.max, k.Generator, ok, c.want)
		}
	}
}

func TestMomentsWithin(t *testing.T) {
	born := call("date", "from", "1950-01-01", "to", "2005-12-31")
	for _, c := range []struct {
		min, max *check.Bound
		want     string
	}{
		{nil, at("now", true), `{date: {from: "1950-01-01", to: "2005-12-31"}}`},
		{nil, at("now - 30 years", false), `{date: {from: "1950-01-01", to: "1995-12-29"}}`},
		{at("1970-06-01", true), at("now - 18 years", false), `{date: {from: "1970-06-02", to: "2005-12-31"}}`},
		{at("1900-01-01", false), at("2000-01-01", true), `{date: {from: "1950-01-01", to: "1999-12-31"}}`},
		{at("2010-01-01", false), nil, ""},
		{at("now", true), nil, ""},
	} {
		s := &site{domain: &check.Domain{Min: c.min, Max: c.max}}
		if k, ok := s.momentsWithin(Candidate{Generator: born}); ok != (c.want != "") || ok && k.Generator.String() != c.want {
			t.Errorf("%+v to %+v: %s %v, not %s", c.min, c.max, k.Generator, ok, c.want)
		}
	}
}
