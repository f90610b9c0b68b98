package request

import (
	"encoding/json"
	"reflect"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
)

// Fit is what numbers of rows are made to fit, in place of those that a blueprint or a role has: these are scaled, all
// alike.
type Fit struct {
	Asked  string           // "size 5000000000" (bytes), "time 600" (seconds): the record of a run keeps it
	Scale  float64          // of what is inferred: times the usual rows; 0 for 1
	Counts blueprint.Counts // of a given blueprint
}

// fitted gives the blueprint with the numbers of rows that are asked for: where a run is recorded that was to fit the same,
// its own. asMade is of a recorded run, whatever it was to fit.
func (r *Request) fitted(recorded Records, n int, asMade bool) *blueprint.Blueprint {
	if was := recorded.findFitted(r, n); was != nil && !r.Anew && (r.Fit != nil || asMade) {
		return r.Blueprint.Fitted(was.Fit)
	}
	if r.Fit == nil || r.Fit.Counts == nil {
		return r.Blueprint
	}
	return r.Blueprint.Fitted(&blueprint.Fit{Asked: r.Fit.Asked, Counts: r.Fit.Counts})
}

// findFitted gives the last run of the given blueprint, where that was made to fit what is asked for, or anything where
// nothing is asked for.
func (rs Records) findFitted(r *Request, n int) *plan.Resolved {
	for i := len(rs) - 1; i >= 0; i-- {
		was := rs[i]
		if was.Growth != nil || was.Append != n || !r.same(was) {
			continue
		}
		if was.Fit == nil && r.Fit == nil || was.Fit != nil && (r.Fit == nil || was.Fit.Asked == r.Fit.Asked) {
			if was.Fit == nil {
				return nil
			}
			return was
		}
	}
	return nil
}

// same tells whether a run was asked for the same but, perhaps, for numbers of rows.
func (r *Request) same(was *plan.Resolved) bool {
	switch {
	case was.Seed != r.Seed || (was.Inferred == nil) != (r.Blueprint != nil):
		return false
	case r.Blueprint != nil:
		return was.Blueprint == r.Blueprint.Name && was.Digest == r.Blueprint.Digest
	}
	var x, y map[string]any
	if json.Unmarshal([]byte(was.Inferred.Asked), &x) != nil || json.Unmarshal([]byte(r.asked()), &y) != nil {
		return false
	}
	for _, numbers := range []string{"rows", "total", "fit", "skip"} {
		delete(x, numbers)
		delete(y, numbers)
	}
	return reflect.DeepEqual(x, y)
}

// Standing gives the recorded run that a request for a fit is about: decided, where it was to fit the same, so that its
// numbers hold; or else one that was asked for the same with other numbers. nil where there is none. A further run is about
// the interrupted ones alone, of which complete does not tell.
func (r *Request) Standing(recorded Records, further bool, complete func(run int64) bool) (was *plan.Resolved, decided bool) {
	for _, x := range recorded {
		switch {
		case !r.same(x) || further && (x.Append == 0 || complete(x.Run)):
			continue
		case x.Fit != nil && x.Fit.Asked == r.Fit.Asked, x.Inferred != nil && fitOf(x) == r.Fit.Asked && sameRows(x.Inferred.Asked) == sameRows(r.asked()):
			return x, true
		}
		was = x
	}
	return was, false
}

// fitOf is what an inferred run was to fit; "" where nothing was said.
func fitOf(was *plan.Resolved) string {
	var asked struct{ Fit string }
	_ = json.Unmarshal([]byte(was.Inferred.Asked), &asked) // what cannot be read is no fit
	return asked.Fit
}
