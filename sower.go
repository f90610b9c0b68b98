package sower

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Open reads a blueprint: the built-in one of that name, or else a YAML or JSON file. The error is a
// blueprint.Problems with everything that is wrong with the file.
func Open(name string) (*blueprint.Document, error) {
	if files, ok := blueprints.Open(name); ok {
		return blueprint.Open(files, "blueprint.yaml")
	}
	if _, err := os.Stat(name); err != nil && !strings.ContainsAny(name, "./\\") {
		text := fmt.Sprintf("there is no built-in blueprint %q and no file of that name", name)
		if s := blueprint.Suggest(name, blueprints.Names()); s != "" {
			text += fmt.Sprintf(": did you mean %q?", s)
		}
		return nil, fmt.Errorf("%s (built in: %s)", text, strings.Join(blueprints.Names(), ", "))
	}
	return blueprint.OpenPath(name)
}

// Load opens a blueprint and gives its parameters their values, by name; the others keep their
// defaults.
func Load(name string, parameters map[string]string) (*blueprint.Blueprint, error) {
	doc, err := Open(name)
	if err != nil {
		return nil, err
	}
	given := map[string]blueprint.Given{}
	for k, v := range parameters {
		given[k] = blueprint.Given{Value: v, Source: "the caller"}
	}
	return doc.Resolve(given, plan.Generators())
}

// Plan compiles a blueprint without a database.
func Plan(b *blueprint.Blueprint, seed uint64) (*plan.Plan, error) {
	return plan.Build(b, nil, plan.Options{Seed: seed, Scan: rows.Scan, Prove: rows.Prove})
}

// Rows makes n rows of a planned table from row first on, without those before them.
func Rows(p *plan.Plan, table string, first int64, n int) (*column.Batch, error) {
	t := p.Table(table)
	if t == nil {
		return nil, fmt.Errorf("the plan has no table %q", table)
	}
	var m rows.Maker
	return m.Batch(t, t.Out, first, n)
}

// Fill loads a database with the rows of a blueprint, or completes a run that was interrupted; see
// run.Generate. Columns that the blueprint does not name are filled by what the schema says of them; see
// infer.Complete. The caller opened the database, and answers for its being the right one.
func Fill(ctx context.Context, db sink.Store, b *blueprint.Blueprint, seed uint64, o run.Options) (*run.Report, error) {
	s, err := db.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	oracle, _ := db.(sink.Oracle)
	return run.Generate(ctx, db, func(n int) (*plan.Plan, error) {
		r, err := infer.Complete(ctx, b, s, infer.Options{Seed: seed, AppendRun: n, Oracle: oracle})
		if err != nil {
			return nil, err
		}
		return r.Plan, nil
	}, o)
}
