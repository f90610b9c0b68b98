package sower

import (
	"fmt"
	"os"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// OpenBlueprint reads a blueprint: the built-in one of that name, or else a YAML or JSON file. The error is a
// blueprint.Problems with everything that is wrong with the file.
func OpenBlueprint(name string) (*blueprint.Document, error) {
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

// LoadBlueprint opens a blueprint and gives its parameters their values, by name; the others keep their defaults.
func LoadBlueprint(name string, parameters map[string]string) (*blueprint.Blueprint, error) {
	doc, err := OpenBlueprint(name)
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
