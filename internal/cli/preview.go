package cli

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/file"
)

// maxPreview is how many rows preview shows at most: more are an export.
const maxPreview = 100_000

func (a *app) previewCommand() *cobra.Command {
	var row, n int64
	var virtual bool
	cmd := &cobra.Command{
		Use:     "preview [BLUEPRINT] [TABLE] [FLAGS]",
		GroupID: groupLook,
		Short:   "show rows of a table, any of them, at once",
		Long: `preview makes rows and shows them. They are the rows that generate would write, but for keys that the
database hands out. Any row can be asked for: no row before it is made. Without TABLE it shows the first
rows of each. Without a blueprint it shows what is inferred from a database, which is only read.`,
		Example: `  sower preview --database-url postgres://me@localhost/shop
  sower preview --database-url postgres://me@localhost/shop orders --row 500 --count 3
  sower preview genonaut users
  sower preview genonaut users --row 500 --count 3 --format json
  sower preview genonaut users --row 100 --count 20 --format csv`,
		Args: between(0, "BLUEPRINT", "TABLE"),
	}
	cmd.ValidArgsFunction = func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return a.completeTable(c), cobra.ShellCompDirectiveNoFileComp
		}
		return completeBlueprint(c, args, word)
	}
	var inferred inferFlags
	var fit fitFlags
	a.blueprintFlags(cmd)
	cmd.Annotations[takesTable] = "yes"
	databaseFlag(cmd, againstHelp)
	inferred.register(cmd)
	fit.register(cmd)
	cmd.Flags().Int64Var(&row, "row", 0, "first row `NUMBER`, from 0; alone, this row and no other")
	cmd.Flags().Int64Var(&n, "count", 10, "number of rows (each table's first 3 where no table is named)")
	cmd.Flags().BoolVar(&virtual, "virtual", false, "also columns that only other columns read")
	format := wordFlag(cmd, "format", "form of the output", "table", "json", "csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if a.doc != nil {
			args = args[1:]
		} else if len(args) == 2 {
			return a.docErr
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		if s.fit, err = fit.wanted(&inferred, run.Auto); err != nil {
			return err
		}
		p, err := a.planned(cmd, s, &inferred, nil)
		if err != nil {
			return err
		}
		a.noteBeside()
		if cmd.Flags().Changed("row") && !cmd.Flags().Changed("count") {
			n = 1
		}
		if len(args) == 1 {
			t, err := tableNamed(p, args[0])
			if err != nil {
				return err
			}
			return a.previewTable(t, row, n, virtual, format.value)
		}
		switch {
		case format.value != "table":
			return usage("name a table: --format %s shows one at a time", format.value)
		case cmd.Flags().Changed("row"):
			return usage("name a table whose row %d to show", row)
		case !cmd.Flags().Changed("count"):
			n = 3
		}
		shown := 0
		for _, t := range p.Tables {
			if t.Standing {
				continue
			}
			if shown++; shown > 1 {
				a.ui.print("")
			}
			a.ui.print("%s, %s:", visible(t.Name), count(t.Rows, "row"))
			if err := a.previewTable(t, 0, n, virtual, format.value); err != nil {
				return err
			}
		}
		if shown == 0 {
			return fmt.Errorf("%w: the blueprint has no table that is to be written", plan.ErrNothing)
		}
		return nil
	}
	return cmd
}

// tableNamed finds a table of the plan.
func tableNamed(p *plan.Plan, name string) (*plan.Table, error) {
	if t := p.Table(name); t != nil {
		return t, nil
	}
	for _, l := range p.Inferred.LeftOut {
		if l.Table == name {
			return nil, fmt.Errorf("%s is left out: %s", visible(name), visible(l.Reason))
		}
	}
	var names []string
	for _, t := range p.Tables {
		names = append(names, t.Name)
	}
	where := "the blueprint"
	if p.Database != nil {
		where = "the plan for the database " + visible(p.Database.Name)
	}
	switch {
	case len(names) == 0:
		return nil, usage("%s has no tables to fill", where)
	case slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)):
		return nil, usage("there is no file %q", visible(name))
	}
	return nil, usage("%s has no table %q: %s", where, visible(name), visible(blueprint.Instead(name, names)))
}

func (a *app) previewTable(t *plan.Table, row, n int64, virtual bool, format string) error {
	switch {
	case t.Standing:
		return usage("%s: rows are there already: they serve as parents, and none are made", visible(t.Name))
	case row < 0 || row > 0 && row >= t.Rows:
		if t.Rows == 0 {
			return usage("--row %d: %s has no rows", row, t.Name)
		}
		return usage("--row %d: %s has the rows 0 to %d", row, t.Name, t.Rows-1)
	case n < 0:
		return usage("--count %d: at least 0", n)
	case n > maxPreview:
		return usage("--count %d: at most %d; sower export writes all rows to files", n, maxPreview)
	}
	n = min(n, t.Rows-row)
	cols := shownColumns(t, virtual)
	var m rows.Maker
	b, err := m.Batch(t, cols, row, int(n))
	if err != nil {
		return err
	}
	switch {
	case format == "json":
		_, err = fmt.Fprint(a.ui.out, shown.JSON(string(batchJSON(b))))
	case format == "csv":
		var text []byte
		if text, err = batchCSV(t, cols, b); err == nil {
			_, err = a.ui.out.Write(text)
		}
	case n == 1:
		_, err = fmt.Fprint(a.ui.out, batchRecord(b))
	default:
		_, err = fmt.Fprint(a.ui.out, a.fitting(b))
	}
	return err
}

// cellWidths are the widths that a cell of a table may have at most, in characters.
var cellWidths = []int{40, 28, 20, 14}

// fitting lays rows out as a table with the longest cells that a terminal has room for. Columns that find no room are
// named beneath it.
func (a *app) fitting(b *column.Batch) string {
	if !a.ui.out.terminal {
		return batchTable(b, cellWidths[0])
	}
	return fit(b, a.ui.out.width())
}

// fit lays rows out as a table of some width.
func fit(b *column.Batch, width int) string {
	for _, w := range cellWidths {
		if text := batchTable(b, w); lineWidth(text) < width {
			return text
		}
	}
	least, n := cellWidths[len(cellWidths)-1], len(b.Vecs)-1
	for ; n > 1; n-- {
		shown := *b
		shown.Names, shown.Vecs = b.Names[:n], b.Vecs[:n]
		if text := batchTable(&shown, least); lineWidth(text) < width {
			left := visible(strings.Join(b.Names[n:], ", "))
			return text + clip(fmt.Sprintf("     and %s: %s", count(int64(len(b.Names)-n), "column"), left), width-1) + "\n"
		}
	}
	return batchTable(b, least)
}

// lineWidth is the width of a text's widest line, in characters.
func lineWidth(text string) (wide int) {
	for line := range strings.SplitSeq(text, "\n") {
		wide = max(wide, utf8.RuneCountInString(line))
	}
	return wide
}

// batchTable lays rows out as a table, long cells shortened. A null is "·".
func batchTable(b *column.Batch, cellWidth int) string {
	g := grid{header: []string{">row"}}
	for i, name := range b.Names {
		name = visible(name)
		if b.Vecs[i].Kind.Integer() || b.Vecs[i].Kind == column.Float {
			name = ">" + name
		}
		g.header = append(g.header, name)
	}
	for r := range b.N {
		cells := []string{strconv.FormatInt(b.First+int64(r), 10)}
		for _, v := range b.Vecs {
			cells = append(cells, clip(cellText(v, r), cellWidth))
		}
		g.rows = append(g.rows, cells)
	}
	return g.String()
}

// batchRecord lays one row out with a line a column, whole.
func batchRecord(b *column.Batch) string {
	g := grid{header: []string{"", ""}}
	g.add("row", strconv.FormatInt(b.First, 10))
	for i, v := range b.Vecs {
		g.add(visible(b.Names[i]), cellText(v, 0))
	}
	return g.String()
}

func cellText(v *column.Vec, i int) string {
	if v.Null(i) {
		return "·"
	}
	return visible(v.String(i))
}

func batchCSV(t *plan.Table, cols []*plan.Column, b *column.Batch) ([]byte, error) {
	target := &sink.Target{Name: t.Name, Columns: plan.Names(cols), Kinds: plan.Kinds(cols)}
	enc, err := file.CSV{}.Encoder(target)
	if err != nil {
		return nil, err
	}
	return enc.Append(enc.Header(nil), b)
}

// batchJSON writes rows as an array of objects, one a line.
func batchJSON(b *column.Batch) []byte {
	out := []byte("[")
	for r := range b.N {
		if r > 0 {
			out = append(out, ',')
		}
		out = append(out, "\n  {"...)
		for i, v := range b.Vecs {
			if i > 0 {
				out = append(out, ", "...)
			}
			out = column.AppendJSONString(out, b.Names[i])
			out = append(out, ": "...)
			out = appendJSONCell(out, v, r)
		}
		out = append(out, '}')
	}
	if b.N > 0 {
		out = append(out, '\n')
	}
	return append(out, "]\n"...)
}

func appendJSONCell(out []byte, v *column.Vec, i int) []byte {
	if v.Null(i) {
		return append(out, "null"...)
	}
	switch v.Kind {
	case column.Bool, column.Int, column.Decimal:
		return v.AppendText(out, i)
	case column.JSON:
		return append(out, bytes.TrimSpace(v.Bytes(i))...)
	case column.Float:
		if f := v.Floats[i]; math.IsInf(f, 0) || math.IsNaN(f) {
			return column.AppendJSONString(out, v.String(i))
		}
		return v.AppendText(out, i)
	}
	return column.AppendJSONString(out, v.String(i))
}
