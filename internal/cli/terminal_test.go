package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"
)

// onTerminal runs the program on a terminal of some columns, and gives every byte that it wrote.
func onTerminal(t *testing.T, columns uint16, env []string, args ...string) string {
	t.Helper()
	mine, its, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	if err := pty.Setsize(its, &pty.Winsize{Rows: 50, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&out, mine) // ends with an error once the other side is closed
	}()
	if code := Main(args, bytes.NewReader(nil), its, its, env); code != 0 {
		t.Errorf("sower %v ended with %d", args, code)
	}
	its.Close()
	<-done
	return out.String()
}

// vt is as much of a terminal as the program uses.
type vt struct {
	lines  [][]rune
	at     int // line
	column int
	width  int
	widest int // column that was written
}

var control = regexp.MustCompile(`^\x1b\[([0-9;]*)([A-Za-z])`)

func (v *vt) write(t *testing.T, text string) {
	for text != "" {
		if m := control.FindStringSubmatch(text); m != nil {
			text = text[len(m[0]):]
			switch m[2] {
			case "A":
				n, _ := strconv.Atoi(m[1])
				v.at -= n
			case "J":
				v.lines[v.at] = v.lines[v.at][:v.column]
				v.lines = v.lines[:v.at+1]
			case "m":
			default:
				t.Errorf("the control sequence %q", m[0])
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		switch r {
		case '\r':
			v.column = 0
		case '\n':
			v.at++
		default:
			if v.column == v.width {
				v.at, v.column = v.at+1, 0
			}
			v.put(r)
		}
		for v.at >= len(v.lines) {
			v.lines = append(v.lines, nil)
		}
	}
}

func (v *vt) put(r rune) {
	for v.at >= len(v.lines) {
		v.lines = append(v.lines, nil)
	}
	for len(v.lines[v.at]) <= v.column {
		v.lines[v.at] = append(v.lines[v.at], ' ')
	}
	v.lines[v.at][v.column] = r
	v.column++
	v.widest = max(v.widest, v.column)
}

func (v *vt) String() string {
	var b strings.Builder
	for _, l := range v.lines {
		b.WriteString(strings.TrimRight(string(l), " ") + "\n")
	}
	return b.String()
}

// On a terminal of any width the live lines are drawn, and gone at the end: what stays is the report, which fits.
func TestTerminal(t *testing.T) {
	dir := t.TempDir()
	made := filepath.Join(dir, "made.db")
	_, err := querySQLite(made, `create table customers (id integer primary key, name text not null);
		create table orders_of_customers_by_post (id integer primary key, customer_id integer not null references customers, note text not null)`)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	fresh := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "shop_test.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + path
	}
	utf := []string{"TERM=xterm", "LANG=C.UTF-8"}
	for _, width := range []int{40, 60, 80, 200} {
		t.Run(strconv.Itoa(width), func(t *testing.T) {
			url := fresh(t)
			for _, command := range []struct{ name, live, stays string }{
				{"generate", "load", ": complete: 30,000 rows"}, {"verify", "verify", "all hold"}, {"clean", "clean", "30,000"},
			} {
				args := []string{command.name, url}
				switch command.name {
				case "generate":
					args = append(args, "--rows", "15000")
				case "clean":
					args = append(args, "--yes")
				}
				out := onTerminal(t, uint16(width), utf, args...)
				v := &vt{width: width, lines: [][]rune{nil}}
				v.write(t, out)
				text := v.String()
				if !strings.Contains(out, "\x1b["+bold+"m"+command.live) || !strings.Contains(out, "━") {
					t.Errorf("%s: no live line in %q", command.name, out)
				}
				flat := strings.Join(strings.Fields(text), " ")
				if !strings.Contains(flat, command.stays) || strings.Contains(text, "━") || strings.Contains(text, "rows/s  0:") {
					t.Errorf("%s: what stays:\n%s", command.name, text)
				}
				if command.name != "generate" {
					continue
				}
				report, _, _ := strings.Cut(text, "sower: to check") // the command breaks where the terminal does
				for line := range strings.Lines(report) {
					if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width && width >= 60 {
						t.Errorf("a line of %d characters:\n%s", n, line)
					}
				}
			}
		})
	}
	for name, env := range map[string][]string{
		"dumb": {"TERM=dumb"}, "NO_COLOR": {"TERM=xterm", "NO_COLOR=1", "CLICOLOR_FORCE=1"},
		"CLICOLOR": {"TERM=xterm", "CLICOLOR=0"}, "CI": {"TERM=xterm", "CI=true", "NO_COLOR=1"},
	} {
		t.Run(name, func(t *testing.T) {
			out := onTerminal(t, 80, env, "generate", fresh(t), "--rows", "15000")
			if strings.Contains(out, "m\x1b") || strings.Contains(out, "\x1b[1m") || strings.Contains(out, "\x1b[3") {
				t.Errorf("colours: %q", out)
			}
			live := name != "dumb" && name != "CI"
			if strings.Contains(out, "\x1b") != live {
				t.Errorf("control sequences: %q", out)
			}
		})
	}
	t.Run("CLICOLOR_FORCE", func(t *testing.T) {
		code, out, errs := call(t, []string{"CLICOLOR_FORCE=1"}, "generate", fresh(t), "--rows", "10")
		if code != 0 || !strings.Contains(out, "\x1b["+green+"mcomplete") || strings.Contains(errs, "\x1b[J") {
			t.Errorf("%d: %q %q", code, out, errs)
		}
	})
}
