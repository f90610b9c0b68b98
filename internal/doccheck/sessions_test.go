package doccheck

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What people read as done: each command of these documents is run, and what they show of its output is what it prints. A
// block after <!-- file: NAME --> is a file; <!-- new folder --> begins another one, with nothing of those before.
var sessions = []string{"docs/tutorial.md", "docs/recipes.md"}

var sessionParts = regexp.MustCompile("(?ms)^<!-- new folder -->$|^<!-- file: (\\S+) -->\n```\\w*\n(.*?)^```$|^```console\n(.*?)^```$")

// changing are the parts of an output that differ from one run to the next: times and rates, what is left out where it took no
// time, and the room that they take.
var changing = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`[\d,.]+ ?(?:ms|s|[kMG]?B/s|rows/s)\b`), "?"},
	{regexp.MustCompile(`(?m)^  (?:prepare|data|indexes|statistics) \?.*\n`), ""},
	{regexp.MustCompile(` +`), " "},
	{regexp.MustCompile(`\n \(\?`), " (?"},
	{regexp.MustCompile(`(?m)\? [\d,]+$`), "? ?"},
}

func lasting(text string) string {
	for _, c := range changing {
		text = c.what.ReplaceAllString(text, c.by)
	}
	return text
}

var tag = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)

// shell runs commands in a folder, with sower among the programs.
type shell struct {
	t      *testing.T
	bin    string
	folder string
	env    []string
}

func newShell(t *testing.T) *shell {
	t.Helper()
	s := &shell{t: t, bin: t.TempDir(), folder: t.TempDir()}
	build := exec.Command("go", "build", "-o", filepath.Join(s.bin, "sower"), "./cmd/sower")
	build.Dir = repository
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return s
}

// run gives what a command prints as its results; of one that fails also why, and its exit code.
func (s *shell) run(command string) string {
	cmd := exec.Command("bash", "-c", command)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.folder, &out, &errs
	cmd.Env = append([]string{"HOME=/", "LANG=C.UTF-8", "PATH=" + s.bin + ":" + os.Getenv("PATH")}, s.env...)
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(&out, "%s[exit code %d]\n", errs.String(), cmd.ProcessState.ExitCode())
	}
	return out.String()
}

// session runs the commands of a block and gives it with what they print.
func (s *shell) session(block string) string {
	var b strings.Builder
	for line := range strings.Lines(block) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			b.WriteString(line + s.run(command))
		}
	}
	return b.String()
}

func TestSessions(t *testing.T) {
	s := newShell(t)
	for _, doc := range sessions {
		t.Run(filepath.Base(doc), func(t *testing.T) {
			s.t, s.folder = t, t.TempDir()
			text := read(t, doc)
			commands := strings.Count(text, "\n$ ")
			if commands < 5 {
				t.Errorf("%d commands", commands)
			}
			now := sessionParts.ReplaceAllStringFunc(text, func(part string) string {
				m := sessionParts.FindStringSubmatch(part)
				switch {
				case m[1] != "":
					if err := os.WriteFile(filepath.Join(s.folder, m[1]), []byte(m[2]), 0o600); err != nil {
						t.Fatal(err)
					}
					return part
				case m[3] == "":
					s.folder = t.TempDir()
					return part
				}
				printed := s.session(m[3])
				if lasting(printed) == lasting(m[3]) {
					return part
				}
				if os.Getenv("UPDATE") == "" {
					t.Errorf("a command prints otherwise than %s shows (UPDATE=1 writes it):\n%s", doc, printed)
				}
				return "```console\n" + printed + "```"
			})
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(filepath.Join(repository, doc), []byte(now), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestPicture: the README's picture shows what its commands print.
func TestPicture(t *testing.T) {
	const file = "docs/pictures/terminal.svg"
	s := newShell(t)
	tutorial := read(t, "docs/tutorial.md")
	schema := sessionParts.FindStringSubmatch(tutorial)
	if err := os.WriteFile(filepath.Join(s.folder, schema[1]), []byte(schema[2]), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("sqlite3 shop_test.db < schema.sql")
	s.env = []string{"CLICOLOR_FORCE=1", "TERM=xterm", "DATABASE_URL=sqlite:shop_test.db"}
	var b strings.Builder
	for _, command := range []string{"sower preview customers --row 40 --count 3", "sower generate --rows 1000 | head -n 6", "sower verify --rows 1000 | tail -n 4"} {
		b.WriteString("\x1b[1m$\x1b[0m " + command + "\n" + s.run(command) + "\n")
	}
	picture := terminalPicture(b.String())
	if strings.Contains(picture, "[exit code") {
		t.Fatal(b.String())
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(filepath.Join(repository, file), []byte(picture), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if lasting(tag.ReplaceAllString(read(t, file), "")) != lasting(tag.ReplaceAllString(picture, "")) {
		t.Errorf("%s is not what the commands print (UPDATE=1 draws it):\n%s", file, b.String())
	}
}

var escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// terminalPicture draws what a terminal shows, a line after another, for those who want to see motion.
func terminalPicture(text string) string {
	const charWidth, lineHeight, margin, head = 7.83, 19, 20, 40
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	widest := 0
	for _, l := range lines {
		widest = max(widest, len([]rune(escape.ReplaceAllString(l, ""))))
	}
	width, height := int(float64(widest)*charWidth)+2*margin, head+len(lines)*lineHeight+margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="A terminal: rows are shown, written and checked">
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dcd6; white-space: pre; }
.c1 { fill: #fff; font-weight: 600; } .c2 { fill: #8b958e; } .c31 { fill: #ff8d82; } .c32 { fill: #7fd1a4; } .c33 { fill: #e0b35a; } .c36 { fill: #82b4ee; }
@media (prefers-reduced-motion: no-preference) { text { animation: in .15s both; } @keyframes in { from { opacity: 0; } } }
</style>
<rect width="%[1]d" height="%[2]d" rx="10" fill="#161a18"/>
<circle cx="20" cy="18" r="5.5" fill="#ff6159"/><circle cx="38" cy="18" r="5.5" fill="#ffbd2e"/><circle cx="56" cy="18" r="5.5" fill="#28c941"/>
`, width, height)
	delay := 0.2
	for i, line := range lines {
		if strings.Contains(line, "$\x1b[0m ") {
			delay += 1
		}
		if line != "" {
			fmt.Fprintf(&b, `<text x="%d" y="%d" style="animation-delay:%.2fs">%s</text>`+"\n", margin, head+13+i*lineHeight, delay, coloured(line))
		}
		delay += 0.06
	}
	return b.String() + "</svg>\n"
}

// coloured is a line with its colours as spans.
func coloured(line string) string {
	var b strings.Builder
	class, at := "", 0
	put := func(text string) {
		switch text = html.EscapeString(text); {
		case text == "":
		case class == "":
			b.WriteString(text)
		default:
			fmt.Fprintf(&b, `<tspan class="c%s">%s</tspan>`, class, text)
		}
	}
	for _, m := range escape.FindAllStringSubmatchIndex(line, -1) {
		put(line[at:m[0]])
		codes := strings.Split(line[m[2]:m[3]], ";")
		if class, at = codes[len(codes)-1], m[1]; class == "0" {
			class = ""
		}
	}
	put(line[at:])
	return b.String()
}
