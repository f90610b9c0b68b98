package gen

import (
	"fmt"
	"strconv"

	"github.com/sowerdata/sower/column"
)

// System draws values of PostgreSQL's own types: numbers of objects and transactions, places in the log.
type System struct {
	Type string `yaml:"type" short:"true" desc:"oid, xid, xid8, cid, tid, pg_lsn, pg_snapshot, txid_snapshot, char (one byte), name, refcursor, regtype, regclass, regnamespace, regproc, regprocedure, regoper, regoperator, regrole, regconfig, regdictionary or regcollation (default: the column's type, or else oid)"`
}

// OutputVersion implements Maker.
func (*System) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *System) Make(c *Context) (Filler, error) {
	typ, err := typeArgument(m.Type, c, "oid", "oid", "xid", "xid8", "cid", "tid", "pg_lsn", "pg_snapshot", "txid_snapshot", "char", "name", "refcursor", "regtype", "regclass", "regnamespace",
		"regproc", "regprocedure", "regoper", "regoperator", "regrole", "regconfig", "regdictionary", "regcollation")
	if err != nil {
		return nil, err
	}
	f := &counted{what: "system " + typ, typ: typ, key: c.Key, kind: column.Literal, maxLen: 64}
	pattern := ""
	switch typ {
	case "oid": // those below are PostgreSQL's own
		f.card, f.write = 1<<31, func(b []byte, i uint64) []byte { return strconv.AppendUint(b, 16384+i, 10) }
	case "xid", "cid":
		f.card, f.write = 1<<31, func(b []byte, i uint64) []byte { return strconv.AppendUint(b, 1000+i, 10) }
	case "xid8":
		f.card, f.write = 1<<40, func(b []byte, i uint64) []byte { return strconv.AppendUint(b, 1000+i, 10) }
	case "tid":
		f.card, f.write = 100_000*200, func(b []byte, i uint64) []byte {
			b = append(strconv.AppendUint(append(b, '('), i/200, 10), ',')
			return append(strconv.AppendUint(b, 1+i%200, 10), ')')
		}
	case "pg_snapshot", "txid_snapshot":
		f.card, f.write = 1<<40, func(b []byte, i uint64) []byte {
			b = append(strconv.AppendUint(b, 1000+i, 10), ':')
			return append(strconv.AppendUint(b, 1000+i+i%7, 10), ':')
		}
	case "pg_lsn":
		pattern = `(0|[1-9A-F])/[1-9A-F][0-9A-F]{7}`
	case "char":
		pattern = `[a-z]`
	case "name":
		pattern = `[a-z]{4,8}(_[a-z]{3,8})?`
	case "refcursor":
		pattern = `cursor_[1-9][0-9]{0,5}`
	default:
		texts := map[string][]string{
			"regtype": {"boolean", "integer", "bigint", "smallint", "numeric", "real", "double precision", "text", "character varying", "date",
				"timestamp without time zone", "timestamp with time zone", "interval", "uuid", "json", "jsonb", "bytea", "inet", "cidr", "macaddr"},
			"regclass":     {"pg_class", "pg_attribute", "pg_type", "pg_proc", "pg_namespace", "pg_index", "pg_constraint", "pg_database", "pg_trigger", "pg_operator", "pg_description", "pg_inherits"},
			"regnamespace": {"pg_catalog", "information_schema", "pg_toast"},
			// As all servers write them: functions and operators of one type alone.
			"regproc": {"now", "version", "pi", "cbrt", "chr", "initcap", "degrees", "radians", "timeofday", "clock_timestamp", "current_database", "txid_current",
				"pg_backend_pid", "pg_postmaster_start_time", "inet_server_port", "lastval", "quote_ident", "asinh", "pg_my_temp_schema", "getdatabaseencoding"},
			"regprocedure": {"now()", "version()", "pi()", "chr(integer)", "initcap(text)", "degrees(double precision)", "upper(text)", "lower(text)", "length(text)", "abs(integer)", "round(numeric,integer)", "md5(text)"},
			"regoper":      {"|/", "||/"},
			"regoperator": {"+(integer,integer)", "-(integer,integer)", "*(bigint,bigint)", "/(double precision,double precision)", "=(text,text)", "<(date,date)", "~~(text,text)",
				"||(text,text)", ">=(numeric,numeric)", "<>(uuid,uuid)"},
			"regrole":       {"pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables", "pg_signal_backend", "pg_read_server_files", "pg_write_server_files", "pg_execute_server_program"},
			"regconfig":     {"simple", "english", "german", "french", "spanish", "italian", "dutch", "danish", "finnish", "norwegian", "portuguese", "russian", "swedish", "turkish", "hungarian", "romanian"},
			"regdictionary": {"simple", "english_stem", "german_stem", "french_stem", "spanish_stem", "italian_stem", "dutch_stem", "danish_stem"},
			"regcollation":  {`"C"`, `"POSIX"`, `"default"`},
		}[typ]
		return literally(typ, newDrawn(f.what, c.Key, listForm(newWords(texts)), nil, ".*")), nil
	}
	if pattern == "" {
		return f, nil
	}
	drawn, err := regexForm(pattern, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", typ, err)
	}
	return literally(typ, newDrawn(f.what, c.Key, drawn, nil, pattern)), nil
}
