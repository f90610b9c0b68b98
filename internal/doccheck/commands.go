package doccheck

import (
	"fmt"
	"strings"
)

const commandsHead = "<!-- Made by internal/doccheck from the program's help: UPDATE=1 go test ./internal/doccheck -->\n" + `
# Commands

Every text below is what ` + "`sower COMMAND --help`" + ` prints. Where a command takes a blueprint, the blueprint's parameters
are flags of the command too: ` + "`sower generate genonaut --help`" + ` lists those of genonaut.

A value comes from the first of these places that has it: the flag ` + "`--batch-size`" + `, the environment variable ` + "`SOWER_BATCH_SIZE`" + `,
the file of ` + "`--env-file`" + ` (` + "`.env`" + `, then ` + "`env/.env`" + `), the file of ` + "`--config`" + `, the default.

The database is the first of these: the flag ` + "`--database-url`" + ` (or its address as an argument of its own, ` + "`sower plan postgres://...`" + `),
` + "`DATABASE_URL`" + ` in the environment, in the file of ` + "`--env-file`" + `, in ` + "`.env`" + `, in ` + "`env/.env`" + `. A blueprint that is previewed, planned, digested or
exported is held against a database only where the command line names one. A command that writes says which database ` + "`DATABASE_URL`" + ` is,
and writes only to names that end in ` + "`_demo` or `_test`" + `, or that ` + "`--allow-database`" + ` names.

An address is ` + "`postgres://user:password@host:port/name`, `sqlite:PATH`" + ` or libpq's ` + "`\"host=... dbname=...\"`" + `. The forms of SQLAlchemy
(` + "`postgresql+psycopg2://`" + `), JDBC (` + "`jdbc:postgresql://`" + `) and Prisma (` + "`?schema=public`" + `) are read too.

| exit code | |
|---|---|
| 0 | it went well |
| 1 | it failed, or a rule is broken |
| 2 | the command, a value or the blueprint is wrong; nothing was done |
| 3 | there is no table to fill, or nothing to check; nothing was done |
| 4 | the database is filled, but for tables that were left out: the notices name them, with the reasons |
| 5 | other processes have not done their part yet; nothing was done, and the same again may succeed |
| 130 | it was interrupted |
`

// commandReference writes the help of every command.
func commandReference(run Run) ([]byte, error) {
	var b strings.Builder
	b.WriteString(commandsHead)
	help := func(heading string, args ...string) error {
		text := run(append(args, "--help")...)
		if !strings.Contains(text, "Usage:") {
			return fmt.Errorf("sower %s --help prints no help: %q", strings.Join(args, " "), text)
		}
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s\n```\n", heading, strings.TrimSpace(text))
		return nil
	}
	if err := help("sower"); err != nil {
		return nil, err
	}
	names := commandsBelow(run)
	if len(names) < 5 {
		return nil, fmt.Errorf("found only the commands %v", names)
	}
	for _, name := range names {
		if name == "help" {
			continue
		}
		if err := help("sower "+name, name); err != nil {
			return nil, err
		}
		below := commandsBelow(run, name)
		if name == "completion" {
			fmt.Fprintf(&b, "\n`COMMAND` is one of `%s`.\n", strings.Join(below, "`, `"))
			continue
		}
		for _, child := range below {
			if err := help("sower "+name+" "+child, name, child); err != nil {
				return nil, err
			}
		}
	}
	return []byte(b.String()), nil
}

// commandsBelow gives the commands below a command, as completion knows them.
func commandsBelow(run Run, path ...string) []string {
	var out []string
	text := run(append(append([]string{"__complete"}, path...), "")...)
	for line := range strings.Lines(text) {
		if name, about, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && about != "" {
			out = append(out, name)
		}
	}
	return out
}
