package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lmittmann/tint"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/shown"
)

// The rules for the terminal:
//
//   - Results go to stdout; progress, notices, logs, hints and errors go to stderr. So stdout can be
//     piped, and holds nothing when a command fails before it has results.
//   - A message of the program's own begins with "sower: ". Mistakes of a file begin with
//     file:line:column instead, one a line, so that editors find the place; their count comes last.
//   - Live lines are drawn on a terminal alone, about ten times a second, no wider than it, and give
//     way to whatever else is written. Nothing else moves the cursor.
//   - Lines for people break between words on a terminal that is narrower (lay.go); commands to paste do not.
//   - Colour is on terminals, but where TERM is dumb or CLICOLOR is 0; CLICOLOR_FORCE has it everywhere, NO_COLOR
//     nowhere. No meaning is in colour only.
//   - No password is printed: database URLs go through redact, and so does every line that leaves
//     (screen.Write), in case an error quotes one.
//   - Texts that came from data or from a database cannot move the cursor or ring: visible() escapes them.
//   - Numbers for people have their thousands apart (formats.go); JSON and CSV have plain ones.

// ui is everything that the program shows.
type ui struct {
	out, err *screen
	json     bool // messages are JSON, an object a line, as the progress that stderr shows
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

// print writes lines of results, which break between words where the terminal is narrow.
func (u *ui) print(format string, args ...any) {
	fmt.Fprint(u.out, lay(u.out.harmless(fmt.Sprintf(format, args...)), u.out.room())+"\n")
}

// note writes a message of the program's own.
func (u *ui) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if u.json {
		u.message("note", "", text)
		return
	}
	fmt.Fprint(u.err, lay(u.err.paint(faint, "sower:")+" "+u.err.harmless(text), u.err.room())+"\n")
}

// hint writes a message that ends in a command to paste. It stands on a line of its own where both find no room on one,
// and is never broken: a terminal copies lines that are its own breaks as one.
func (u *ui) hint(text, command string) {
	between := " "
	if utf8.RuneCountInString("sower: "+text+" "+command) > u.err.room() {
		between = "\n  "
	}
	if u.json {
		u.message("note", "", text+" "+command)
		return
	}
	fmt.Fprintf(u.err, "%s %s\n", u.err.paint(faint, "sower:"), u.err.harmless(text+between+command))
}

// warn points out something that is no error.
func (u *ui) warn(format string, args ...any) {
	head := "note:"
	if !u.json {
		head = u.err.paint(yellow, head)
	}
	u.note("%s", head+" "+fmt.Sprintf(format, args...))
}

// message writes a message as JSON; place, which may be "", is where in a file the matter is.
func (u *ui) message(level, place, text string) {
	text = string(u.err.secrets.clean([]byte(text))) // before quotes are escaped
	enc := json.NewEncoder(shown.Writer(u.err, shown.JSON))
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct {
		Level   string `json:"level"`
		Place   string `json:"place,omitempty"`
		Message string `json:"message"`
	}{level, place, text})
}

// error shows why a command failed: problems one a line with their count, else the text.
func (u *ui) error(err error) {
	var ps blueprint.Problems
	var b strings.Builder
	if u.json {
		if !errors.As(err, &ps) {
			if err.Error() != "" {
				u.message("error", "", err.Error())
			}
			return
		}
		for _, p := range ps {
			place := p.Pos.String()
			p.Pos = blueprint.Pos{}
			u.message("error", place, p.Error())
		}
		return
	}
	prefix := u.err.paint(red, "sower:") + " "
	if errors.As(err, &ps) {
		for _, p := range ps {
			if p.Pos == (blueprint.Pos{}) {
				b.WriteString(prefix)
			}
			b.WriteString(visible(p.Error()) + "\n")
		}
		if len(ps) > 1 {
			b.WriteString(prefix + count(int64(len(ps)), "problem") + "\n")
		}
	} else if text := err.Error(); text != "" {
		b.WriteString(prefix + visibleLines(strings.TrimRight(text, "\n")) + "\n")
	}
	fmt.Fprint(u.err, lay(b.String(), u.err.room()))
}

// screen is stdout or stderr. Writes are whole: no two get mixed, and none lands in the live line.
type screen struct {
	mu       *sync.Mutex // of both
	w        io.Writer
	beside   *screen // whose live line may be on the same terminal; nil for none
	terminal bool
	colour   bool
	width    func() int      // columns of the terminal
	unicode  bool            // bars may be drawn with more than ASCII
	live     []string        // the lines that are being shown and will be replaced
	drawing  strings.Builder // of the live lines, until they are written
	secrets  *secrets
	failed   error // of a write
}

func newScreen(w io.Writer, getenv func(string) string, mu *sync.Mutex, s *secrets) *screen {
	sc := &screen{mu: mu, w: w, width: func() int { return 80 }, secrets: s}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		sc.terminal = getenv("TERM") != "dumb"
		sc.colour = sc.terminal && getenv("CLICOLOR") != "0"
		sc.width = func() int {
			if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
				return width
			}
			return 80
		}
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		sc.colour = true
	}
	sc.colour = sc.colour && getenv("NO_COLOR") == ""
	sc.unicode = takesUnicode(getenv)
	return sc
}

// takesUnicode tells whether the locale's characters are Unicode.
func takesUnicode(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToUpper(getenv(name)); v != "" {
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return false
}

// room is how many columns a line may have: those of the terminal, and as many as it likes elsewhere.
func (s *screen) room() int {
	if !s.terminal {
		return math.MaxInt32
	}
	return s.width()
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
	with.flush()
	defer func() {
		with.draw(live)
		with.flush()
	}()
	if _, err := s.w.Write(s.secrets.clean(p)); err != nil {
		s.failed = err
		return 0, err
	}
	return len(p), nil
}

// show replaces the live lines; none takes them away. They are no wider than the terminal is now, which may get
// narrower until they are replaced.
func (s *screen) show(lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, line := range lines {
		lines[i] = string(s.secrets.clean([]byte(line)))
	}
	s.erase()
	s.draw(lines)
	s.flush()
}

// erase, draw and flush are called with mu held.
func (s *screen) erase() {
	if len(s.live) == 0 {
		return
	}
	rows, width := -1, max(s.width(), 1)
	for _, line := range s.live { // a terminal that got narrower wraps them
		n := utf8.RuneCountInString(codes.ReplaceAllString(line, ""))
		rows += max(1, (n+width-1)/width)
	}
	s.drawing.WriteString("\r")
	if rows > 0 {
		fmt.Fprintf(&s.drawing, "\x1b[%dA", rows)
	}
	s.drawing.WriteString("\x1b[J")
	s.live = nil
}

func (s *screen) draw(lines []string) {
	if len(lines) > 0 && s.terminal {
		s.drawing.WriteString(strings.Join(lines, "\r\n"))
		s.live = lines
	}
}

// flush writes what was drawn at once, so that nothing flickers.
func (s *screen) flush() {
	if s.drawing.Len() > 0 {
		_, _ = io.WriteString(s.w, s.drawing.String())
		s.drawing.Reset()
	}
}

// harmless escapes what a terminal would obey in a text, should anything have come so far. The program's own colours
// stay.
func (s *screen) harmless(text string) string {
	if !s.colour {
		return shown.Lines(text)
	}
	var b strings.Builder
	for {
		at := colours.FindStringIndex(text)
		if at == nil {
			return b.String() + shown.Lines(text)
		}
		b.WriteString(shown.Lines(text[:at[0]]) + text[at[0]:at[1]])
		text = text[at[1]:]
	}
}

var (
	colours = regexp.MustCompile("\x1b\\[(?:0|" + strings.Join([]string{green, red, yellow, faint, bold}, "|") + ")m")
	codes   = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// paint gives a text its colour where there are colours.
func (s *screen) paint(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// The colours: of the sixteen that a terminal's theme makes readable on its background, light or dark.
const (
	green  = "32"
	red    = "31;1"
	yellow = "33"
	faint  = "2"
	bold   = "1"
)

// visible escapes what a terminal would obey.
func visible(s string) string { return shown.Text(s) }

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
	case a.logger.format.value == "json" || a.ui.json:
		return slog.New(slog.NewJSONHandler(a.ui.err, options))
	case a.ui.err.terminal:
		return slog.New(tint.NewTextHandler(a.ui.err, &tint.Options{Level: level, NoColor: !a.ui.err.colour, TimeFormat: "15:04:05"}))
	}
	return slog.New(slog.NewTextHandler(a.ui.err, options))
}
