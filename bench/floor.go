package main

import (
	"context"
	"embed"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sowerdata/sower/sink/file"
)

//go:embed floor
var floorFiles embed.FS

// floorOf gives the best script by hand for a scenario's schema; "" where there is none. What its lines mean stands in
// floor/random-keys.sql.
func floorOf(name string) string {
	data, _ := floorFiles.ReadFile("floor/" + name + ".sql")
	return string(data)
}

// stages takes a script apart: stages one after the other, sessions of each side by side.
func stages(script string) (out [][]string) {
	for _, stage := range strings.Split(script, "-- stage\n")[1:] {
		out = append(out, strings.Split(stage, "-- session\n"))
	}
	return out
}

// byHand empties the tables and loads the rows that export wrote by a script.
func (d *database) byHand(ctx context.Context, script, dir string) (usage, error) {
	if err := d.empty(ctx); err != nil {
		return usage{}, err
	}
	manifest, err := file.ReadManifest(dir)
	if err != nil {
		return usage{}, err
	}
	for _, t := range d.tables {
		at := slices.IndexFunc(manifest.Tables, func(m file.ManifestTable) bool { return m.Name == t.plan })
		if at < 0 {
			return usage{}, fmt.Errorf("the manifest in %s has no table %s", dir, t.plan)
		}
		path := filepath.ToSlash(filepath.Join(dir, manifest.Tables[at].File))
		if strings.ContainsAny(path, `' "`) {
			return usage{}, fmt.Errorf("the script cannot name the file %q: set TMPDIR to a folder with a plain name", path)
		}
		script = strings.ReplaceAll(script, "{"+t.plan+"}", path)
		script = strings.ReplaceAll(script, "{"+t.plan+" columns}", t.columns)
	}
	var all [][]*exec.Cmd
	for _, stage := range stages(script) {
		var sessions []*exec.Cmd
		for _, session := range stage {
			cmd, err := d.server.PsqlCommand(ctx, d.name, "-q", "-v", "ON_ERROR_STOP=1", "-f", "-")
			if err != nil {
				return usage{}, err
			}
			cmd.Stdin = strings.NewReader(session)
			sessions = append(sessions, cmd)
		}
		all = append(all, sessions)
	}
	u, err := d.timedAll(all)
	if err != nil {
		return usage{}, err
	}
	return u, d.count(ctx)
}
