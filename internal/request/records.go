package request

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// NoRunError says that no run without a blueprint is recorded that was asked for the same.
type NoRunError struct {
	Runs  int      // that are recorded
	Asked []string // what those without a blueprint were asked for, as the record has it
}

func (e *NoRunError) Error() string {
	switch {
	case len(e.Asked) > 0:
		return "no run without a blueprint is recorded with these options in this database; there are runs with: " + strings.Join(e.Asked, "; ")
	case e.Runs == 0:
		return "no run is recorded in the database: fill it first"
	}
	return "no run without a blueprint is recorded in this database: name the blueprint of the run"
}

// Records are the resolved plans of the runs that count, in their order.
type Records []*plan.Resolved

// ReadRecords reads them from a database.
func ReadRecords(ctx context.Context, store sink.Store) (out Records, err error) {
	runs, err := store.Runs(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if r.State == sink.Superseded {
			continue
		}
		p, err := run.Recorded(r)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Tables are those that runs filled: they are filled again, or completed, though they hold rows. Where triggers made
// the rows, they serve as parents, like rows of anybody.
func (rs Records) Tables() map[string]bool {
	own := map[string]bool{}
	for _, r := range rs {
		for _, t := range r.Tables {
			if !t.Triggered {
				own[t.Name] = true
			}
		}
	}
	return own
}

// Stood are the tables whose rows served as parents of runs, or were made by their triggers.
func (rs Records) Stood() map[string]bool {
	out := map[string]bool{}
	for _, r := range rs {
		for _, t := range r.Tables {
			if t.Triggered || t.Standing != nil {
				out[t.Name] = true
			}
		}
	}
	return out
}

// find gives the last inferred run that was asked for the same.
func (rs Records) find(asked string, n int) *plan.Resolved {
	return rs.last(n, func(r *plan.Resolved) bool { return sameRows(r.Inferred.Asked) == sameRows(asked) })
}

// sameRows is the record's word of what was asked without what decides no row: whether it is a failure that tables are
// left out.
func sameRows(asked string) string {
	return strings.Replace(asked, `"skip":true`, `"skip":false`, 1)
}

// findGiven gives the last inferred run with these of its options, whatever its others were.
func (rs Records) findGiven(given map[string]json.RawMessage, n int) *plan.Resolved {
	return rs.last(n, func(r *plan.Resolved) bool {
		var asked map[string]json.RawMessage
		if json.Unmarshal([]byte(r.Inferred.Asked), &asked) != nil {
			return len(given) == 0
		}
		for key, value := range given {
			if !bytes.Equal(asked[key], value) {
				return false
			}
		}
		return true
	})
}

func (rs Records) last(n int, fits func(*plan.Resolved) bool) *plan.Resolved {
	for i := len(rs) - 1; i >= 0; i-- {
		r := rs[i]
		switch {
		case r.Inferred == nil || !fits(r):
		case r.Growth == nil && r.Append == n:
			return r
		case r.Growth != nil && n == 0: // what all of it together is
			whole := *r
			whole.Growth, whole.Append = nil, 0
			return &whole
		}
	}
	return nil
}

// asked tells what the inferred runs were asked for.
func (rs Records) asked() (out []string) {
	for _, r := range rs {
		if r.Inferred != nil && !slices.Contains(out, r.Inferred.Asked) {
			out = append(out, r.Inferred.Asked)
		}
	}
	return out
}
