package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// comparedRows are as many rows of each table as a diff compares.
const comparedRows = 1000

func (a *app) diffCommand() *cobra.Command {
	var f inferFlags
	cmd := &cobra.Command{
		Use:     "diff A [B] [FLAGS]",
		GroupID: groupLook,
		Short:   "say what a change of the schema, or of a blueprint, does to the rows",
		Long: `diff makes the first rows of each table by A and by B and says what differs: tables and columns that are
new, gone, or have other cells. A and B are blueprints, schemas that sower inspect --format schema saved,
or URLs of databases. With --database-url B is left out: A, a blueprint, is held against that database as
generate would. So it is with DATABASE_URL, where there is no B. Nothing is written.

Its exit code is 0, whether something differs or not.`,
		Example: `  sower inspect --database-url postgres://me@localhost/shop --format schema > before.json
  sower diff before.json postgres://me@localhost/shop
  sower diff shop.yaml --database-url postgres://me@localhost/shop_test
  sower diff old.yaml new.yaml`,
		Args: between(1, "A", "B"),
	}
	databaseFlag(cmd, "`URL` of a database to hold the blueprint A against (default: DATABASE_URL); it is read only")
	cmd.Annotations = map[string]string{takesAddresses: "yes"}
	f.register(cmd)
	ownFlag(cmd, "seed")
	format := wordFlag(cmd, "format", "form of the output", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		url := ""
		if len(args) == 1 || cmd.Flags().Changed("database-url") {
			var err error
			if url, _, err = a.findDatabase(cmd); err != nil {
				return err
			}
		}
		if (url == "") != (len(args) == 2) {
			return usageHelp("want two of them to compare, or one blueprint and --database-url")
		}
		f.mayBeEmpty = true
		if err := f.check(!slices.ContainsFunc(args, infers)); err != nil {
			return err
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		before, err := a.sideOf(cmd.Context(), args[0], "", s, &f)
		if err != nil {
			return err
		}
		other := args[len(args)-1]
		after, err := a.sideOf(cmd.Context(), other, url, s, &f)
		if err != nil {
			return err
		}
		found, err := rows.Compare(before, after, comparedRows)
		if err != nil {
			return err
		}
		if format.value == "json" {
			return a.printJSON(found)
		}
		a.printDifferences(found)
		return nil
	}
	return cmd
}

// infers tells whether a side of a diff is inferred: from a database, or from a schema in a file.
func infers(name string) bool {
	db, err := readSchema(name)
	return driver.Of(name) != nil || db != nil || err != nil
}

// sideOf plans one side of a diff; url, which may be "", is that of a database to hold a blueprint against.
func (a *app) sideOf(ctx context.Context, name, url string, s *settings, f *inferFlags) (*plan.Plan, error) {
	side := *s
	if isAddress(name) {
		a.hideURL(name)
		address, err := readAddress(name, "the address")
		if err != nil {
			return nil, err
		}
		p, err := a.planAgainst(ctx, address, &side, f, nil)
		return p, err
	}
	if db, err := readSchema(name); err != nil {
		return nil, err
	} else if db != nil {
		o, err := a.request(&side, f).Options(nil)
		if err != nil {
			return nil, err
		}
		r, err := infer.Infer(ctx, db, o)
		if err != nil {
			return nil, err
		}
		return r.Plan, nil
	}
	doc, _, err := openBlueprint(name)
	if err != nil {
		return nil, err
	}
	if side.blueprint, err = doc.Resolve(map[string]blueprint.Given{}, plan.Generators()); err != nil {
		return nil, err
	}
	if url == "" {
		return side.alone()
	}
	p, err := a.planAgainst(ctx, url, &side, f, nil)
	return p, err
}

// readSchema reads a schema that inspect saved; nil where the file is none.
func readSchema(name string) (*schema.Database, error) {
	if !strings.HasSuffix(name, ".json") {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usage("%s", fileProblem("read", name, err))
	}
	if s := parseSaved(data); s != nil {
		return s.Database, nil
	}
	return nil, nil
}

func (a *app) printDifferences(found []rows.Difference) {
	if len(found) == 0 {
		a.ui.print("Nothing differs.")
		return
	}
	for _, d := range found {
		switch {
		case d.Column == "" && d.Change == rows.Changed:
			a.ui.print("%s: %s rows, before %s", visible(d.Table), thousands(d.Rows[1]), thousands(d.Rows[0]))
		case d.Column == "":
			a.ui.print("%s: %s", visible(d.Table), d.Change)
		case d.Change == rows.New:
			a.ui.print("%s.%s: new: %s", visible(d.Table), visible(d.Column), visible(d.After))
		case d.Change == rows.Gone:
			a.ui.print("%s.%s: gone", visible(d.Table), visible(d.Column))
		default:
			text := fmt.Sprintf("%s of %s cells differ", thousands(d.Cells), thousands(d.Of))
			if d.Before != d.After {
				text += fmt.Sprintf(": %s, before %s", d.After, d.Before)
			}
			a.ui.print("%s.%s: %s", visible(d.Table), visible(d.Column), visible(text))
		}
	}
}
