package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

func (a *app) inspectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "inspect --database-url URL [FLAGS]",
		GroupID: groupLook,
		Short:   "show a database's tables, their keys and who refers to whom",
		Long: `inspect reads the schema of a database: tables with their columns, keys, checks and triggers, who refers to
whom, cycles of references, and an order in which the tables can be filled. Any database can be looked
at: nothing is written. Row counts are those of the database's statistics.

The forms mermaid and dot are for Mermaid and Graphviz; html is one page that needs nothing else. The form
schema saves all that was read, for sower diff.`,
		Example: `  sower inspect --database-url sqlite:genonaut_demo.db
  sower inspect --database-url postgres://me@localhost/shop --format html > shop.html
  sower inspect --database-url postgres://me@localhost/shop --format dot | dot -Tsvg > shop.svg`,
		Args: exactly(),
	}
	databaseFlag(cmd, addressHelp)
	format := wordFlag(cmd, "format", "form of the output", "text", "json", "mermaid", "dot", "html", "schema")
	meaning := meaningFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		url, err := a.database(cmd, readOnly)
		if err != nil {
			return err
		}
		store, err := a.openStore(cmd.Context(), url, readOnly)
		if err != nil {
			return err
		}
		defer store.Close()
		db, err := store.Inspect(cmd.Context())
		if err != nil {
			return err
		}
		if format.value == "schema" {
			return a.printJSON(db)
		}
		d := diagram.New(db)
		if err := a.showChoices(cmd.Context(), store, db, d, meaning.value == "off"); err != nil {
			return err
		}
		switch format.value {
		case "json":
			return a.printJSON(inspectionOf(d))
		case "mermaid":
			return d.Mermaid(a.ui.out)
		case "dot":
			return d.DOT(a.ui.out)
		case "html":
			return d.HTML(a.ui.out)
		}
		a.printInspection(d)
		return nil
	}
	return cmd
}

func (a *app) printInspection(d *diagram.Diagram) {
	a.ui.print("%s, %s", visible(d.Database.Name), visible(d.Summary()))
	if len(d.Graph.Tables) == 0 {
		a.ui.print("There are no tables.")
	} else {
		a.ui.print("")
		g := grid{header: []string{">order", "table", ">rows", ">columns", "after"}}
		for i, group := range d.Graph.Groups {
			for _, t := range group {
				g.add(fmt.Sprint(i+1), visible(d.Name(t)), rowsCell(t), fmt.Sprint(len(t.Columns)), visible(strings.Join(d.ParentNames(t), ", ")))
			}
		}
		a.ui.print("%s", strings.TrimRight(g.String(), "\n"))
	}
	if circles := d.Circles(); len(circles) > 0 {
		a.ui.print("")
		a.ui.print("Cycles: tables that refer to one another, or to themselves")
		for _, c := range circles {
			a.ui.print("  %s", visible(c))
		}
	}
	for _, group := range d.Graph.Groups {
		for _, t := range group {
			a.ui.print("")
			a.printInspected(d, t)
		}
	}
	if len(d.Database.LeftOut) > 0 {
		a.ui.print("")
		a.ui.print("Left out: %s", visible(strings.Join(d.Database.LeftOut, ", ")))
	}
}

// rowsCell is the number of rows for a column of numbers.
func rowsCell(t *schema.Table) string {
	n, known := diagram.Rows(t)
	if !known {
		return "some"
	}
	return thousands(n)
}

func (a *app) printInspected(d *diagram.Diagram, t *schema.Table) {
	head := visible(d.Name(t)) + ", " + diagram.RowsText(t)
	if notes := d.TableNotes(t); len(notes) > 0 {
		head += ", " + visible(strings.Join(notes, ", "))
	}
	a.ui.print("%s", head)
	if t.Comment != "" {
		a.ui.print("  %s", visible(t.Comment))
	}
	g := grid{header: []string{"", "", "", ""}, indent: "  "}
	for _, c := range t.Columns {
		notes := clip(visible(strings.Join(diagram.ColumnNotes(t, c), ", ")), describeWidth)
		row := []string{visible(c.Name), visible(diagram.TypeText(c.Type)), notes, ""}
		if choice := d.ChoiceOf(t, c); choice != nil {
			row[3] = visible(choice.Generator) + " [" + visible(choice.Why) + "]"
		}
		g.add(row...)
	}
	if len(t.Columns) > 0 {
		a.ui.print("%s", strings.TrimRight(g.String(), "\n"))
	}
	for _, l := range d.Lists(t) {
		for _, line := range l.Lines {
			a.ui.print("  %s %s", l.Head, clip(visible(line), describeWidth))
		}
	}
}

// showChoices lets a diagram show which generator each column would get. A schema whose every table is
// out of the question is shown without.
func (a *app) showChoices(ctx context.Context, store sink.Store, db *schema.Database, d *diagram.Diagram, plain bool) error {
	oracle, _ := store.(sink.Oracle)
	all := *db
	all.Tables = slices.Clone(db.Tables)
	for i, t := range all.Tables { // as if they were empty: what would they get?
		c := *t
		c.HasRows = false
		all.Tables[i] = &c
	}
	r, err := infer.Infer(ctx, &all, infer.Options{Seed: 1, Skip: true, Plain: plain, Oracle: oracle})
	if err != nil {
		a.log().Debug("no generators are shown", "error", err)
		return ctx.Err()
	}
	choices := map[[2]string]*diagram.Choice{}
	for _, k := range r.Choices {
		choices[[2]string{k.Table, k.Column}] = &diagram.Choice{Generator: strings.Join(k.Generators, " or "), Why: k.Reason, Confidence: fmt.Sprintf("%.0f %%", 100*k.Confidence)}
	}
	d.Choice = func(t *schema.Table, c *schema.Column) *diagram.Choice {
		return choices[[2]string{db.Qualified(t), c.Name}]
	}
	return nil
}
