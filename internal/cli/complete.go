package cli

import (
	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/plan"
)

// completeBlueprint completes the first argument: the built-in blueprints, and files.
func completeBlueprint(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return blueprints.Names(), cobra.ShellCompDirectiveDefault
}

// completeTable gives the tables of the blueprint. Required parameters without a value have a stand-in.
func (a *app) completeTable(cmd *cobra.Command) []string {
	if a.doc == nil {
		return nil
	}
	given := map[string]blueprint.Given{}
	for _, p := range a.doc.Missing(given) {
		stand := map[string]string{"uuid": newUUID(), "datetime": "2025-01-01", "boolean": "true", "string": "x"}[p.Type]
		if stand == "" {
			stand = "1"
		}
		given[p.Name] = blueprint.Given{Value: stand}
	}
	b, err := a.doc.Resolve(given, plan.Generators())
	if err != nil {
		return nil
	}
	var names []string
	for _, t := range b.Tables {
		names = append(names, t.Name)
	}
	return names
}
