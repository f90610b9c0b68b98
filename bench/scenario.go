package main

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower"
	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
)

// scenarioName is the built-in scenario that is measured. Its parameters whose names begin with
// rowParameter count rows; nothing else here knows it.
const (
	scenarioName = "genonaut"
	rowParameter = "target_rows_"
)

// scenario is the built-in scenario at a size.
type scenario struct {
	source     string // name or path of the blueprint
	parameters map[string]string
	blueprint  *blueprint.Blueprint
	plan       *plan.Plan // without a database
	rows       int64      // of all tables
}

// atSize gives the scenario with its row counts changed; size is given the defaults.
func atSize(size func(rows int64) int64) (*scenario, error) {
	doc, err := sower.OpenBlueprint(scenarioName)
	if err != nil {
		return nil, err
	}
	s := &scenario{source: scenarioName, parameters: map[string]string{}}
	for _, p := range doc.Parameters() {
		rows, isInt := p.Default.(int64)
		switch {
		case isInt && strings.HasPrefix(p.Name, rowParameter):
			s.parameters[p.Name] = strconv.FormatInt(size(rows), 10)
		case p.Required && p.Default == nil && p.Type == "uuid":
			s.parameters[p.Name] = "00000000-0000-4000-8000-000000000001"
		}
	}
	return s, s.load()
}

// builtIn gives the scenario at its default size; a tenth of it with -quick.
func (b *bench) builtIn() (*scenario, error) {
	if b.options.quick {
		return atSize(func(rows int64) int64 { return rows/10 + 1 })
	}
	return atSize(times(1))
}

// load compiles the blueprint.
func (s *scenario) load() (err error) {
	if s.blueprint, err = sower.LoadBlueprint(s.source, s.parameters); err != nil {
		return err
	}
	if s.plan, err = sower.Plan(s.blueprint, 1); err != nil {
		return err
	}
	for _, t := range s.plan.Tables {
		s.rows += t.Rows
	}
	return nil
}

//go:embed tables
var tableFiles embed.FS

// ofTable gives one of the folder tables as a scenario, with a number of rows.
func (b *bench) ofTable(name string, rows int64) (*scenario, error) {
	dir, err := b.folder("tables")
	if err != nil {
		return nil, err
	}
	for _, ext := range []string{".yaml", ".sql"} {
		data, err := tableFiles.ReadFile("tables/" + name + ext)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name+ext), data, 0o666); err != nil {
			return nil, err
		}
	}
	if b.options.quick {
		rows /= 20
	}
	s := &scenario{source: filepath.Join(dir, name+".yaml"), parameters: map[string]string{"number": strconv.FormatInt(rows, 10)}}
	return s, s.load()
}

func times(n int64) func(int64) int64 { return func(rows int64) int64 { return n * rows } }

// command gives the arguments of a sower command for the scenario.
func (s *scenario) command(name string, more ...string) []string {
	args := append([]string{name, s.source}, more...)
	for _, p := range slices.Sorted(maps.Keys(s.parameters)) {
		args = append(args, "--"+strings.ReplaceAll(p, "_", "-")+"="+s.parameters[p])
	}
	return args
}

// ddl reads the scenario's schema for a dialect.
func (s *scenario) ddl(dialect string) (string, error) {
	data, err := fs.ReadFile(s.blueprint.Files, s.blueprint.DDL[dialect])
	return string(data), err
}

// tableFile is where a table's rows lie in a folder.
func tableFile(dir string, at int) string { return filepath.Join(dir, fmt.Sprintf("%02d.rows", at)) }
