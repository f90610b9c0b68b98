// Package blueprints embeds the built-in scenarios: each folder is a blueprint with its DDL and word
// pools. They are data; no line of the engine knows their tables.
package blueprints

import (
	"embed"
	"io/fs"
)

//go:embed genonaut shop
var files embed.FS

// Names gives the names of the built-in blueprints.
func Names() []string {
	entries, _ := files.ReadDir(".")
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// Open gives the folder of a built-in blueprint, whose file is blueprint.yaml, and whether there is one
// of that name.
func Open(name string) (fs.FS, bool) {
	for _, n := range Names() {
		if n == name {
			sub, err := fs.Sub(files, name)
			return sub, err == nil
		}
	}
	return nil, false
}
