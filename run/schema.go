package run

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// schemaChanged adds findings of what has changed in the schema since the run: what it made and is gone, and what is new
// and was not filled.
func (v *verifier) schemaChanged(r *sink.Run) error {
	resolved, err := Recorded(r)
	if err != nil {
		return err
	}
	c := resolved.Changes(v.plan.Database)
	for _, text := range c.Texts() {
		v.found(Finding{Text: "the schema is the run's", Detail: text + ": what the run made there cannot be checked"})
	}
	for _, text := range c.Growth() {
		v.found(Finding{Text: "the run has filled what is there to fill", Detail: text + ": sower generate, with the options of the run, fills it"})
	}
	for _, text := range c.Left {
		v.found(Finding{Text: text, OK: true})
	}
	return nil
}

// movedFrom is an error where a table of a run that holds rows is called otherwise than it was: it would be filled anew.
func movedFrom(r *plan.Resolved, p *plan.Plan) error {
	if p.Database == nil {
		return nil
	}
	return r.Moved(p.Database)
}

// cleanable is an error where rows of a run could not be found, since what they stand in has another name.
func cleanable(r *sink.Run, p *plan.Plan) error {
	resolved, err := Recorded(r)
	if err != nil {
		return err
	}
	c := resolved.Changes(p.Database)
	if !c.Renamed() {
		return nil
	}
	return fmt.Errorf("the schema has changed since run %d: %s; under these names its rows cannot be found: undo the change for the time of cleaning",
		r.Number, strings.Join(c.Texts(), "; "))
}
