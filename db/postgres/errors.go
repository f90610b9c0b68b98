package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/sink"
)

// failure is an error whose text says what happened, where, and what to do. The errors beneath it stay
// reachable.
type failure struct {
	text   string
	causes []error
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return f.causes }

// codes of errors that have an advice, or a meaning in the sink's contract.
const (
	uniqueViolation = "23505"
	readOnlyCode    = "25006"
	lockTimeout     = "55P03"
	noPrivilege     = "42501"
	noTable         = "42P01"
	tooMany         = "53300" // connections
)

// advice says what to do about an error of the server, by its code.
var advice = map[string]string{
	"23503":      "the row it refers to must stand first: load the parent table before",
	readOnlyCode: "the database takes no writes: it is a standby, or set to default_transaction_read_only",
	"42P07":      "create the schema in an empty database, or leave out what stands",
	"53100":      "free disk space on the server, then resume",
	"53200":      "the server is out of memory: fewer workers or smaller batches need less",
	"57P01":      "the server ended the connection: what was committed stands; resume when it is up",
	"57P02":      "the server ended the connection: what was committed stands; resume when it is up",
	"57014":      "it was canceled on the server's side",
}

// explain wraps an error of the driver: what was being done, the server's words, and an advice. A
// failure that explains itself only gets the place in front.
func explain(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	f := &failure{causes: []error{err}}
	var known *failure
	var pe *pgconn.PgError
	switch {
	case ctx.Err() != nil:
		f.causes = append(f.causes, ctx.Err())
		f.text = what + ": stopped: " + context.Cause(ctx).Error()
	case errors.As(err, &known):
		f.text = what + ": " + err.Error()
	case errors.As(err, &pe):
		f.text = what + ": " + serverWords(pe)
		if a := advice[pe.Code]; a != "" {
			f.text += ": " + a
		}
		if pe.Code == readOnlyCode {
			f.causes = append(f.causes, sink.ErrReadOnly)
		}
	case lost(err):
		f.text = what + ": the connection to the server was lost (" + err.Error() + "): what was committed stands; resume when the server is up"
	default:
		f.text = what + ": " + err.Error()
	}
	return f
}

// serverWords is the server's message with its detail, hint and code.
func serverWords(pe *pgconn.PgError) string {
	var b strings.Builder
	b.WriteString(pe.Message)
	if pe.Detail != "" {
		b.WriteString(": " + strings.TrimSuffix(pe.Detail, "."))
	}
	if pe.Hint != "" {
		b.WriteString(" (hint: " + strings.TrimSuffix(pe.Hint, ".") + ")")
	}
	b.WriteString(" (SQLSTATE " + pe.Code + ")")
	return b.String()
}

// code gives the server's error code, or "".
func code(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// lost tells whether err came of the network rather than of the server.
func lost(err error) bool {
	var ne net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pgconn.ErrConnClosed) || errors.As(err, &ne)
}

// copyLine finds the line of COPY's input that an error came of, whatever language the server speaks.
var copyLine = regexp.MustCompile(`(?m)^COPY .*?, \S+ (\d+)`)

// copyRow gives the row number, within the batch, that a COPY error came of; -1 where it does not say.
func copyRow(err error) int64 {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		return -1
	}
	m := copyLine.FindStringSubmatch(pe.Where)
	if m == nil {
		return -1
	}
	line, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return -1
	}
	return line - 1
}

// connectError explains why there is no connection. The driver's own ConnectError is left out of the
// chain, because it carries the configuration and with it the password; what it wraps stays.
func (db *DB) connectError(ctx context.Context, err error) error {
	what := "could not connect to " + db.where
	var ce *pgconn.ConnectError
	if errors.As(err, &ce) {
		err = ce.Unwrap()
	}
	f := &failure{causes: []error{err}}
	var pe *pgconn.PgError
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		f.causes = append(f.causes, ctx.Err())
		f.text = what + ": stopped: " + context.Cause(ctx).Error()
	case errors.As(err, &pe):
		f.text = what + ": " + serverWords(pe) + db.connectAdvice(pe)
		if pe.Code == tooMany {
			f.causes = append(f.causes, sink.ErrConnections)
		}
	case tlsTrouble(err):
		f.text = what + ": " + reasons(err) + "; is TLS set up as the URL asks (sslmode=disable, require or verify-full, sslrootcert=FILE)?"
	case errors.As(err, &dns):
		f.text = what + ": the host " + strconv.Quote(dns.Name) + " is not known (" + dns.Err + "): correct the URL"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		f.text = what + ": " + reasons(err) + "; is the server running, and listening there?"
	case pgconn.Timeout(err), errors.Is(err, context.DeadlineExceeded):
		f.text = what + ": no answer in time; is the server running, and no firewall in between?"
	default:
		f.text = what + ": " + reasons(err)
	}
	return f
}

func (db *DB) connectAdvice(pe *pgconn.PgError) string {
	switch pe.Code {
	case "28P01":
		return ": correct the user or the password"
	case "42704":
		return ": correct the settings of the URL"
	case "28000":
		if pe.Routine == "InitializeSessionUserId" {
			return ": correct the user, or have that role made, with login"
		}
		return ": the server's pg_hba.conf must let this user in from here"
	case "3D000":
		return ": create the database, or correct the URL"
	case noPrivilege:
		return ": an owner must run: grant connect on database " + ident(db.name) + " to " + ident(db.user)
	case tooMany:
		return ": sower needs two connections at once: end other sessions (pg_stat_activity), or have the limit raised: " + db.raiseLimit(pe)
	case "57P03":
		return ": try again in a moment"
	}
	return ""
}

// raiseLimit tells how more connections are allowed: by the place in the server that refused, whatever its language.
func (db *DB) raiseLimit(pe *pgconn.PgError) string {
	switch pe.Routine {
	case "InitializeSessionUserId":
		return "alter role " + ident(db.user) + " connection limit N"
	case "CheckMyDatabase":
		return "alter database " + ident(db.name) + " connection limit N"
	}
	return "max_connections of the server"
}

func tlsTrouble(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		header    tls.RecordHeaderError
		alert     tls.AlertError
	)
	return errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &verify) ||
		errors.As(err, &header) || errors.As(err, &alert) || strings.Contains(err.Error(), "server refused TLS connection")
}

// dialled is how the driver says where nobody listened, three times over.
var dialled = regexp.MustCompile(`^(\S+) \(\S*\): dial error: dial \S+ \S+: connect: (.*)$`)

// reasons gives the different errors of all attempts in one line.
func reasons(err error) string {
	var texts []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line = dialled.ReplaceAllString(strings.TrimSpace(line), "$1: $2"); line != "" && !slices.Contains(texts, line) {
			texts = append(texts, line)
		}
	}
	return strings.Join(texts, "; ")
}
