package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/plan"
)

// ErrOtherwise says that rows of a run would have to be made that this version of sower makes otherwise.
var ErrOtherwise = errors.New("this version of sower makes other cells than the run has")

// otherwise gives those of some columns whose cells this program makes otherwise than the run did.
func otherwise(columns []*plan.Column) (out []*plan.Column) {
	for _, c := range columns {
		if c.Otherwise() != nil {
			out = append(out, c)
		}
	}
	return out
}

// keyed tells whether one column finds a table's rows: that this program makes as the run did.
func keyed(t *plan.Table) bool { return t.Key != nil && t.Key.Otherwise() == nil }

// otherwiseText names columns, with what makes them otherwise.
func otherwiseText(columns []*plan.Column) string {
	var out []string
	for _, c := range columns {
		out = append(out, c.Otherwise().String())
	}
	return strings.Join(out, ", ")
}

// madeOtherwise is the error of something that cannot be done, since it needs cells that are made otherwise.
func (g *generation) madeOtherwise(columns []*plan.Column, what string) error {
	return fmt.Errorf("%w: %s: %s: take the version of sower that made run %d (%s), or remove its rows and generate anew: "+
		"generate --fresh does both", ErrOtherwise, what, otherwiseText(columns), g.record.Number, g.record.Version)
}

// sameOutput is an error where rows are missing that this program would make otherwise than the run made others of the
// same tables. Tables of which there is no row yet are made by this program's versions, which the record then has.
func (g *generation) sameOutput(f found) error {
	if len(g.plan.Otherwise()) == 0 {
		return nil
	}
	var empty []*plan.Table
	for _, t := range filled(g.plan) {
		if t.Rows > 0 && sum(f[t]) == 0 && !g.isSkipped(t.Name) && len(t.Adopted) == 0 {
			empty = append(empty, t)
		}
	}
	g.plan.Renew(empty)
	for _, t := range filled(g.plan) {
		list := otherwise(t.Out)
		n := newWork(t, slices.Concat(f[t], g.left[t.Name].ranges())).todo
		if len(list) > 0 && n > 0 && !g.isSkipped(t.Name) {
			return g.madeOtherwise(list, fmt.Sprintf("run %d lacks %d rows of %s", g.record.Number, n, t.Name))
		}
	}
	if list := g.plan.Otherwise(); len(list) > 0 {
		var columns []*plan.Column
		for _, o := range list {
			columns = append(columns, o.Column)
		}
		g.plan.Notices = append(slices.Clip(g.plan.Notices),
			fmt.Sprintf("run %d has cells that this version of sower makes otherwise, and they stay as they are: %s", g.record.Number, otherwiseText(columns)))
	}
	return nil
}
