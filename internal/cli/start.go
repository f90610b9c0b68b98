package cli

import "strings"

// printStart shows the commands that one needs first.
func (a *app) printStart() {
	url, from, err := a.databaseVariable()
	named := " --database-url URL"
	if err == nil && url != "" {
		named = ""
	}
	a.ui.print("sower fills PostgreSQL and SQLite databases with rows that obey every rule of their schema.")
	a.ui.print("")
	g := grid{header: []string{"", ""}, indent: "  "}
	g.add("sower preview"+named, "see rows of your own schema; nothing is written")
	g.add("sower generate"+named, "fill it (its name ends in _demo or _test)")
	g.add("sower init"+named+" --out my.yaml", "write its blueprint, to edit it")
	a.ui.print("%s", strings.TrimRight(g.String(), "\n"))
	a.ui.print("")
	if named != "" {
		a.ui.print("URL is postgres://user:password@host:port/name or sqlite:PATH. All commands: sower --help")
		return
	}
	a.hideURL(url)
	shown := redact(url)
	if good, err := readAddress(url, from); err == nil {
		shown = redact(good)
	}
	a.ui.print("The database is %s (%s).", visible(shown), from)
	a.ui.print("All commands: sower --help")
}
