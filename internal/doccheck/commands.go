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
the file of ` + "`--env-file`" + ` (` + "`env/.env`" + `), the file of ` + "`--config`" + `, the default.

| exit code | |
|---|---|
| 0 | it went well |
| 1 | it failed, or a rule is broken |
| 2 | the command, a value or the blueprint is wrong; nothing was done |
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
		if below := commandsBelow(run, name); len(below) > 0 {
			fmt.Fprintf(&b, "\n`COMMAND` is one of `%s`.\n", strings.Join(below, "`, `"))
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
