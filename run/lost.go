package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	names "github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/sink"
)

// LostError says that indexes and keys are missing which a run took away for its load, as its record knows, and
// that the journal of which they would be restored is gone.
type LostError struct {
	Run    int64
	Pieces []sink.Piece
}

func (e *LostError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "run %d took these away for its load, and the journal of which sower restores them is gone:", e.Run)
	for _, p := range e.Pieces {
		fmt.Fprintf(&b, "\n  %s: %s;", p, p.SQL)
	}
	fmt.Fprintf(&b, "\nmake them again with these statements, or give one up: sower repair --forget %s", names.ShellWord(e.Pieces[0].Name))
	return b.String()
}

// keys tells whether a foreign key is among them.
func (e *LostError) keys() bool {
	return slices.ContainsFunc(e.Pieces, func(p sink.Piece) bool { return p.Key })
}

// Lost is a LostError where a run that did not come to its end lacks what it took away, and no journal has it.
func Lost(ctx context.Context, s sink.Store) error {
	r, ok := s.(sink.Rebuilder)
	if !ok {
		return nil
	}
	runs, err := s.Runs(ctx)
	if err != nil {
		return err
	}
	for _, record := range runs {
		missing, err := missingOfRun(ctx, r, record)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			continue
		}
		if out, err := r.Journaled(ctx); err != nil || out.Total() > 0 {
			return err
		}
		return &LostError{record.Number, missing}
	}
	return nil
}

// missingOfRun gives what a run that did not come to its end took away, and is not in place.
func missingOfRun(ctx context.Context, r sink.Rebuilder, record *sink.Run) ([]sink.Piece, error) {
	if record.State != sink.Running {
		return nil, nil
	}
	return r.Missing(ctx, findingsOf(record).Taken)
}

// setFinding changes one of the findings in a record, and leaves all else as it is.
func setFinding(record *sink.Run, name string, value any) error {
	var fields map[string]json.RawMessage
	err := json.Unmarshal(record.Plan, &fields)
	if err != nil {
		return fmt.Errorf("the record of run %d is damaged: %w", record.Number, err)
	}
	if fields[name], err = json.Marshal(value); err == nil {
		record.Plan, err = json.Marshal(fields)
	}
	return err
}

// Forget takes what is given up, by its name, out of the records of runs.
func Forget(ctx context.Context, s sink.Store, given []string) error {
	runs, err := s.Runs(ctx)
	if err != nil {
		return err
	}
	for _, record := range runs {
		taken := findingsOf(record).Taken
		left := slices.DeleteFunc(slices.Clone(taken), func(p sink.Piece) bool {
			return slices.Contains(given, p.Name)
		})
		if len(left) == len(taken) {
			continue
		}
		if err := setFinding(record, "taken", left); err != nil {
			return err
		}
		if err := s.SaveRun(ctx, record); err != nil {
			return err
		}
	}
	return nil
}
