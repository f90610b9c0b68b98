package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// The files that are read where they are there and --env-file names no other. The first is the project's own: it may
// hold what only others understand.
const (
	projectEnvFile = ".env"
	defaultEnvFile = "env/.env"
)

// envFile is a file of NAME=value lines.
type envFile struct {
	name string
	vars map[string]envVar
}

type envVar struct {
	value string
	line  int
}

// envFiles are those that are read, the one that wins first.
type envFiles []*envFile

// lookup gives a variable and the place where it stands; "" where it does not.
func (fs envFiles) lookup(name string) (value, at string) {
	for _, f := range fs {
		if v := f.vars[name]; v.value != "" {
			return v.value, fmt.Sprintf("%s:%d", f.name, v.line)
		}
	}
	return "", ""
}

// readEnvFiles reads the named file, or the default ones where name is "" and they are there.
func readEnvFiles(name string) (envFiles, error) {
	if name != "" {
		f, err := readEnvFile(name)
		return envFiles{f}, err
	}
	var files envFiles
	if data, err := readSmall(os.Open(projectEnvFile)); err == nil {
		vars, _ := parseEnv(string(data))
		files = append(files, &envFile{name: projectEnvFile, vars: vars})
	}
	f, err := readEnvFile(defaultEnvFile)
	if errors.Is(err, fs.ErrNotExist) || isNotDir(err) {
		return files, nil
	}
	return append(files, f), err
}

func readEnvFile(name string) (*envFile, error) {
	data, err := readSmall(os.Open(name))
	if err != nil {
		return nil, usage("%s%w", fileProblem("read the environment file", name, err), quiet{err})
	}
	vars, err := parseEnv(string(data))
	if err != nil {
		return nil, usage("%s:%w", name, err)
	}
	return &envFile{name: name, vars: vars}, nil
}

// maxSmallFile is the size of an environment file, in bytes.
const maxSmallFile = 1 << 20

// readSmall reads a file, closes it, and refuses one that is larger than a person writes: it may have no end.
func readSmall(f *os.File, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSmallFile+1))
	if err == nil && len(data) > maxSmallFile {
		err = fmt.Errorf("it is larger than %d MB", maxSmallFile>>20)
	}
	return data, err
}

var envLine = regexp.MustCompile(`^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$`)

// parseEnv reads NAME=value lines: # begins a comment, values may be in single quotes (as they are) or
// double quotes (with \n, \t, \", \\ and \$), where they may have several lines. The last line for a
// name counts. The error is that of the first line that cannot be read, which is left out; it shows no value: it may
// be a secret.
func parseEnv(text string) (vars map[string]envVar, err error) {
	vars = map[string]envVar{}
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	for i := 0; i < len(lines); {
		name, value, n, bad := readVariable(lines[i:])
		if bad != nil && err == nil {
			err = fmt.Errorf("%d: %w", i+1, bad)
		}
		if bad == nil && name != "" {
			vars[name] = envVar{value, i + 1}
		}
		i += n
	}
	return vars, err
}

// readVariable reads the variable at the beginning of lines, of which it takes n. The name is "" where there is none.
func readVariable(lines []string) (name, value string, n int, err error) {
	line := strings.TrimSpace(lines[0])
	if line == "" || line[0] == '#' {
		return "", "", 1, nil
	}
	m := envLine.FindStringSubmatch(line)
	if m == nil {
		return "", "", 1, errors.New("want NAME=value")
	}
	name, value = m[1], m[2]
	if value == "" || value[0] != '"' && value[0] != '\'' {
		if k := strings.Index(" "+value, " #"); k >= 0 {
			value = value[:max(k-1, 0)]
		}
		return name, strings.TrimSpace(value), 1, nil
	}
	quote, body := value[0], value[1:]
	for n = 1; ; n++ {
		if end := closingQuote(body, quote); end >= 0 {
			if rest := strings.TrimSpace(body[end+1:]); rest != "" && rest[0] != '#' {
				return "", "", n, errors.New("something stands behind the closing quote")
			}
			body = body[:end]
			break
		}
		if n == len(lines) {
			return "", "", 1, errors.New("the quote is not closed")
		}
		body += "\n" + strings.TrimSuffix(lines[n], "\r")
	}
	if quote == '"' {
		body = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`, `\$`, `$`).Replace(body)
	}
	return name, body, n, nil
}

// closingQuote gives the index of the quote that ends s, or -1.
func closingQuote(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote:
			return i
		}
	}
	return -1
}

// isNotDir tells whether a path has a file where a folder should be.
func isNotDir(err error) bool {
	var pe *fs.PathError
	return errors.As(err, &pe) && strings.Contains(pe.Err.Error(), "not a directory")
}

// fileProblem says what could not be done with a file, in one line without the path twice.
func fileProblem(what, name string, err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("%s %s: there is no such file", what, name)
	}
	return fmt.Sprintf("%s %s: %v", what, name, err)
}
