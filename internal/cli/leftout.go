package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/run"
)

// leftOutError says that a database is filled, but for some tables.
type leftOutError struct {
	tables []string
	filled bool // others are filled
}

func (e *leftOutError) Error() string {
	const most = 10
	names := e.tables
	more := ""
	if len(names) > most {
		names, more = names[:most], fmt.Sprintf(" and %d more", len(names)-most)
	}
	are := "are"
	if len(e.tables) == 1 {
		are = "is"
	}
	others := "no other was to be filled"
	if e.filled {
		others = "the others are filled"
	}
	return fmt.Sprintf("%s %s left out (%s%s), %s: the notices say why; "+
		"--skip-unsatisfiable takes this for success, --strict stops instead",
		count(int64(len(e.tables)), "table"), are, strings.Join(names, ", "), more, others)
}

// complete makes an error of tables that were left out, unless that was said to do.
func (f *inferFlags) complete(r *run.Report, err error) error {
	list := r.LeftOut()
	if err != nil || f.Skip || len(list) == 0 {
		return err
	}
	if f.Strict { // of a run that was not: nothing is left out anew
		return fmt.Errorf("run %d is without tables that could not be filled: %s: %s", r.Run, list[0].Table, list[0].Reason)
	}
	var names []string
	for _, l := range list {
		if !slices.Contains(names, l.Table) {
			names = append(names, l.Table)
		}
	}
	filled := slices.ContainsFunc(r.Tables, func(t run.TableReport) bool {
		return !slices.Contains(names, t.Name) && t.Total > 0
	})
	return &leftOutError{names, filled}
}
