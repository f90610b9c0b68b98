package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"unicode"

	"github.com/lmittmann/tint"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/sowerdata/sower/blueprint"
)

// The rules for the terminal:
//
//   - Results go to stdout; progress, notices, logs, hints and errors go to stderr. So stdout can be
//     piped, and holds nothing when a command fails before it has results.
//   - A message of the program's own begins with "sower: ". Mistakes of a file begin with
//     file:line:column instead, one a line, so that editors find the place; their count comes last.
//   - A live line is drawn on a terminal alone, at most ten times a second, no wider than it, and gives
//     way to whatever else is written. Nothing else moves the cursor.
//   - Colour is for levels of logs and for verdicts, on a terminal alone; never with NO_COLOR, or where
//     TERM is dumb. No meaning is in colour only.
//   - No password is printed: database URLs go through redact, and so does every line that leaves
//     (screen.Write), in case an error quotes one.
//   - Texts that came from data or from a database cannot move the cursor or ring: visible() escapes them.
//   - Numbers for people have their thousands apart (formats.go); JSON and CSV have plain ones.

// ui is everything that the program shows.
type ui struct {
	out, err *screen
}

func newUI(stdout, stderr io.Writer, getenv func(string) string) *ui {
	mu, secrets := &sync.Mutex{}, &secrets{}
	u := &ui{out: newScreen(stdout, getenv, mu, secrets), err: newScreen(stderr, getenv, mu, secrets)}
	if u.out.terminal {
		u.out.beside = u.err
	}
	return u
}

func (u *ui) stdout() io.Writer { return u.out }
func (u *ui) stderr() io.Writer { return u.err }

// broken tells whether results could not be written.
func (u *ui) broken() bool {
	u.out.mu.Lock()
	defer u.out.mu.Unlock()
	return u.out.failed != nil
}

// hide keeps the secrets of a database URL out of everything that is written from now on.
func (u *ui) hide(url, redacted string) { u.out.secrets.add(url, redacted) }

// print writes a line of results.
func (u *ui) print(format string, args ...any) { fmt.Fprintf(u.out, format+"\n", args...) }

// note writes a message of the program's own.
func (u *ui) note(format string, args ...any) {
	fmt.Fprintf(u.err, "sower: "+format+"\n", args...)
}

// warn points out something that is no error.
func (u *ui) warn(format string, args ...any) { u.note("note: "+format, args...) }

// error shows why a command failed: problems one a line with their count, else the text.
func (u *ui) error(err error) {
	var ps blueprint.Problems
	var b strings.Builder
	if errors.As(err, &ps) {
		for _, p := range ps {
			if p.Pos == (blueprint.Pos{}) {
				b.WriteString("sower: ")
			}
			b.WriteString(visible(p.Error()) + "\n")
		}
		if len(ps) > 1 {
			fmt.Fprintf(&b, "sower: %s\n", count(int64(len(ps)), "problem"))
		}
	} else if text := err.Error(); text != "" {
		b.WriteString("sower: " + visibleLines(strings.TrimRight(text, "\n")) + "\n")
	}
	fmt.Fprint(u.err, b.String())
}

// screen is stdout or stderr. Writes are whole: no two get mixed, and none lands in the live line.
type screen struct {
	mu       *sync.Mutex // of both
	w        io.Writer
	beside   *screen // whose live line may be on the same terminal; nil for none
	terminal bool
	colour   bool
	width    func() int // columns of the terminal
	live     string     // the line that is being shown and will be replaced
	secrets  *secrets
	failed   error // of a write
}

func newScreen(w io.Writer, getenv func(string) string, mu *sync.Mutex, s *secrets) *screen {
	sc := &screen{mu: mu, w: w, width: func() int { return 80 }, secrets: s}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		sc.terminal = getenv("TERM") != "dumb"
		sc.colour = sc.terminal && getenv("NO_COLOR") == ""
		sc.width = func() int {
			if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
				return width
			}
			return 80
		}
	}
	return sc
}

// Write writes whole lines.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	with := s
	if s.beside != nil {
		with = s.beside
	}
	live := with.live
	with.erase()
	defer func() { with.draw(live) }()
	if _, err := s.w.Write(s.secrets.clean(p)); err != nil {
		s.failed = err
		return 0, err
	}
	return len(p), nil
}

// show replaces the live line; "" takes it away.
func (s *screen) show(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line = clip(line, s.width()-1)
	if line == "" {
		s.erase()
		return
	}
	s.draw(line)
}

// erase and draw are called with mu held.
func (s *screen) erase() {
	if s.live != "" {
		_, _ = io.WriteString(s.w, "\r\x1b[K")
		s.live = ""
	}
}

func (s *screen) draw(line string) {
	if line != "" && s.terminal {
		_, _ = io.WriteString(s.w, "\r"+line+"\x1b[K")
		s.live = line
	}
}

// paint gives a text its colour where there are colours.
func (s *screen) paint(code, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// The colours.
const (
	green = "32"
	red   = "31;1"
)

// secrets are texts that must not be written, and what takes their place.
type secrets struct {
	mu    sync.Mutex
	pairs [][2][]byte
}

func (s *secrets) add(secret, shown string) {
	if secret == "" || secret == shown {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pairs = append(s.pairs, [2][]byte{[]byte(secret), []byte(shown)})
}

func (s *secrets) clean(p []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.pairs {
		p = bytes.ReplaceAll(p, x[0], x[1])
	}
	return p
}

// visible escapes what a terminal would obey.
func visible(s string) string {
	clean := true
	for _, r := range s {
		if !unicode.IsPrint(r) && r != ' ' {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// visibleLines is visible for a text of several lines.
func visibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = visible(strings.TrimSuffix(l, "\r"))
	}
	return strings.Join(lines, "\n")
}

// loggerFlags are the flags of logging.
type loggerFlags struct {
	format  oneOf
	verbose bool
}

func (l *loggerFlags) register(set *pflag.FlagSet) {
	l.format = oneOf{value: "text", words: []string{"text", "json"}}
	set.Var(&l.format, "log-format", "form of the log on stderr")
	set.BoolVar(&l.verbose, "verbose", false, "log what is done in detail")
}

// log gives the logger.
func (a *app) log() *slog.Logger {
	level := slog.LevelWarn
	if a.logger.verbose {
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	switch {
	case a.logger.format.value == "json":
		return slog.New(slog.NewJSONHandler(a.ui.err, options))
	case a.ui.err.terminal:
		return slog.New(tint.NewTextHandler(a.ui.err, &tint.Options{Level: level, NoColor: !a.ui.err.colour, TimeFormat: "15:04:05"}))
	}
	return slog.New(slog.NewTextHandler(a.ui.err, options))
}
