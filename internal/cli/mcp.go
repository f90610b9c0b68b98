package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/internal/mcp"
	"github.com/sowerdata/sower/internal/studio"
)

func (a *app) mcpCommand() *cobra.Command {
	var f generateFlags
	var write bool
	cmd := &cobra.Command{
		Use:     "mcp [BLUEPRINT] [FLAGS]",
		GroupID: groupMore,
		Short:   "let agents look, plan and fill by the Model Context Protocol",
		Long: `mcp answers an agent's requests over its standard input and output, by the Model Context Protocol: inspect the database,
see the plan, preview rows, explain a column, read and edit the blueprint. Nothing is written, unless --allow-write adds the tools
that save the blueprint and fill the database, the latter under the guards of generate: its name ends in _demo or _test, or is
allowed with --allow-database. It ends when its input does. docs/mcp.md shows how to add it to editors.`,
		Example: `  sower mcp --database-url postgres://me@localhost/shop_test
  sower mcp my.yaml --database-url sqlite:shop_demo.db --allow-write`,
		Args: between(0, "BLUEPRINT"),
	}
	a.blueprintFlags(cmd, "batch_size", "max_workers")
	databaseFlag(cmd, againstHelp)
	f.infer.register(cmd)
	f.guard.register(cmd)
	cmd.Flags().BoolVar(&write, "allow-write", false, "also offer the tools that save the blueprint and fill the database")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b, err := a.openBench(cmd, &f)
		if err != nil {
			return err
		}
		defer b.close()
		o := b.options()
		if !write {
			o.Fill, o.WhyNot = nil, "sower mcp was started without --allow-write: it only reads"
		}
		server := mcp.Options{Version: version(), Write: write}
		if b.store != nil {
			server.Inspect = b.inspection
		}
		return mcp.Serve(cmd.Context(), studio.New(cmd.Context(), o), server, a.in, a.ui.stdout())
	}
	return cmd
}

// tableInShort is a table of a database that is told in short.
type tableInShort struct {
	Name       string   `json:"name"`
	Rows       *int64   `json:"rows"` // as the statistics have it; null where they say nothing
	Columns    int      `json:"columns"`
	References []string `json:"references"` // names of the tables that it refers to
}

// inspection tells what the database is, or one of its tables.
func (b *bench) inspection(ctx context.Context, table string) (any, error) {
	db, err := b.store.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	all := inspectionOf(diagram.New(db))
	if table == "" {
		out := struct {
			Database string         `json:"database"`
			System   string         `json:"system"`
			Order    [][]string     `json:"order"` // of loading; a group of several is a cycle
			Tables   []tableInShort `json:"tables"`
			LeftOut  []string       `json:"left_out"`
		}{all.Database, diagram.New(db).System(), all.Order, nil, all.LeftOut}
		for _, t := range all.Tables {
			short := tableInShort{t.Name, t.Rows, len(t.Columns), []string{}}
			for _, r := range t.References {
				short.References = append(short.References, r.Table)
			}
			out.Tables = append(out.Tables, short)
		}
		return out, nil
	}
	var names []string
	for _, t := range all.Tables {
		if t.Name == table {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return nil, usage("the database has no table %q: %s", table, visible(blueprint.Instead(table, names)))
}
