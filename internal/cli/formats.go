package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// count writes a number of things: "1 row", "2,000 rows".
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return thousands(n) + " " + thing + "s"
}

// size writes a number of bytes, in powers of 1000.
func size(bytes float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	i := 0
	for bytes >= 999.5 && i+1 < len(units) {
		bytes /= 1000
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%.0f B", bytes)
	}
	return threeDigits(bytes) + " " + units[i]
}

// threeDigits writes a number with three significant digits, at most two behind the point.
func threeDigits(x float64) string {
	switch {
	case x >= 99.95:
		return fmt.Sprintf("%.0f", x)
	case x >= 9.995:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// span writes a duration: 4 ms, 1.25 s, 59.9 s, 2m 05s, 3h 10m.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 59950*time.Millisecond:
		return threeDigits(d.Seconds()) + " s"
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm %02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh %02dm", d/time.Hour, d%time.Hour/time.Minute)
}

// perSecond is n each second; 0 where no time has passed.
func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// rate writes rows a second.
func rate(rows int64, d time.Duration) string {
	return thousands(int64(perSecond(rows, d))) + " rows/s"
}

// percent is rounded down: 100 % is said of what is whole alone.
func percent(part, whole int64) int {
	if whole <= 0 || part >= whole {
		return 100
	}
	return int(float64(part) / float64(whole) * 100)
}

// clip shortens a text to some characters, the last of which is then an ellipsis.
func clip(s string, n int) string {
	if n < 1 {
		return ""
	}
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n--; n == 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// grid lays out cells in columns that are two blanks apart. Columns whose header begins with ">" are
// aligned to the right.
type grid struct {
	header []string
	rows   [][]string
	indent string
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

func (g *grid) String() string {
	right := make([]bool, len(g.header))
	var rows [][]string
	header := make([]string, len(g.header))
	titled := false
	for i, h := range g.header {
		right[i] = strings.HasPrefix(h, ">")
		header[i] = strings.TrimPrefix(h, ">")
		titled = titled || header[i] != ""
	}
	if titled {
		rows = append(rows, header)
	}
	rows = append(rows, g.rows...)
	wide := make([]int, len(g.header))
	for _, r := range rows {
		for i, c := range r {
			wide[i] = max(wide[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		var line strings.Builder
		line.WriteString(g.indent)
		for i, c := range r {
			if i > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(c))
			if right[i] {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}
