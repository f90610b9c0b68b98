package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// Beside says what of the run that a plan asks for, where the database has one, is otherwise than the plan: what has
// changed in the schema since, and cells that this program makes otherwise.
func Beside(ctx context.Context, s sink.Store, p *plan.Plan) (notices []string, err error) {
	runs, err := s.Runs(ctx)
	if err != nil {
		return nil, err
	}
	identity := p.Identity()
	for _, r := range runs {
		if r.State == sink.Superseded || r.Identity != identity {
			continue
		}
		resolved, err := Recorded(r)
		if err != nil {
			return nil, err
		}
		if c := resolved.Changes(p.Database); resolved.Inferred == nil { // else what is new was added to the blueprint, and said
			for _, text := range slices.Concat(c.Texts(), c.Growth()) {
				notices = append(notices, fmt.Sprintf("since run %d, which filled the database: %s", r.Number, text))
			}
			notices = append(notices, c.Left...)
		}
		other, err := p.OtherThan(resolved)
		if err != nil {
			return nil, err
		}
		var columns []string
		for _, o := range other {
			columns = append(columns, o.String())
		}
		if len(columns) > 0 {
			notices = append(notices, fmt.Sprintf("run %d, which filled the database, has cells that this version of sower makes otherwise: %s",
				r.Number, strings.Join(columns, ", ")))
		}
	}
	return notices, nil
}
