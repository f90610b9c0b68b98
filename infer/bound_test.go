package infer

import (
	"testing"

	"github.com/sowerdata/sower/check"
)

func at(value string, open bool) *check.Bound { return &check.Bound{Value: value, Open: open} }

// Intervals lie within the bounds that checks tell, in a unit that gives enough of them.
func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		min, max *check.Bound
		unique   bool
		want     yaml
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
		s := &site{domain: &check.Domain{Min: c.min, Max: c.max}, unique: c.unique, rows: 1000}
		if got := s.intervals(); got != c.want {
			t.Errorf("%+v to %+v: %s, not %s", c.min, c.max, got, c.want)
		}
	}
}
