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

// defaultEnvFile is read where it is there and --env-file names no other.
const defaultEnvFile = "env/.env"

// envFile is a file of NAME=value lines.
type envFile struct {
	name string
	vars map[string]envVar
}

type envVar struct {
	value string
	line  int
}

// lookup gives a variable and the place where it stands; "" where it does not.
func (f *envFile) lookup(name string) (value, at string) {
	v, ok := f.vars[name]
	if !ok {
		return "", ""
	}
	return v.value, fmt.Sprintf("%s:%d", f.name, v.line)
}

// readEnvFile reads the named file, or the default one where name is "" and it is there.
func readEnvFile(name string) (*envFile, error) {
	f := &envFile{name: name, vars: map[string]envVar{}}
	if name == "" {
		f.name = defaultEnvFile
	}
	data, err := readSmall(os.Open(f.name))
	switch {
	case err != nil && name == "" && (errors.Is(err, fs.ErrNotExist) || isNotDir(err)):
		return f, nil
	case err != nil:
		return nil, usage("%s", fileProblem("read the environment file", f.name, err))
	}
	f.vars, err = parseEnv(string(data))
	if err != nil {
		return nil, usage("%s:%w", f.name, err)
	}
	return f, nil
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
// name counts. Errors show no value: it may be a secret.
func parseEnv(text string) (map[string]envVar, error) {
	vars := map[string]envVar{}
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' {
			continue
		}
		m := envLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("%d: want NAME=value", i+1)
		}
		at, value := i+1, m[2]
		if value == "" || value[0] != '"' && value[0] != '\'' {
			if k := strings.Index(" "+value, " #"); k >= 0 {
				value = value[:max(k-1, 0)]
			}
			vars[m[1]] = envVar{strings.TrimSpace(value), at}
			continue
		}
		quote := value[0]
		body := value[1:]
		for {
			end := closingQuote(body, quote)
			if end >= 0 {
				if rest := strings.TrimSpace(body[end+1:]); rest != "" && rest[0] != '#' {
					return nil, fmt.Errorf("%d: something stands behind the closing quote", i+1)
				}
				body = body[:end]
				break
			}
			i++
			if i >= len(lines) {
				return nil, fmt.Errorf("%d: the quote is not closed", at)
			}
			body += "\n" + strings.TrimSuffix(lines[i], "\r")
		}
		if quote == '"' {
			body = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`, `\$`, `$`).Replace(body)
		}
		vars[m[1]] = envVar{body, at}
	}
	return vars, nil
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
