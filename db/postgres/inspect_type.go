package postgres

import (
	"context"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// usedTypes are the types of columns, and those that these are made of: elements, bounds, fields, and what
// domains are over.
func (i *inspector) usedTypes() string {
	ranges := "r.rngtypid = t.oid"
	if i.major >= 14 {
		ranges = "t.oid in (r.rngtypid, r.rngmultitypid)"
	}
	return `
with recursive used (oid) as (
  select a.atttypid from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and ` + userSchemas + `
  union
  select x.oid from used u join pg_type t on t.oid = u.oid cross join lateral (
    select e.oid from pg_type e where e.oid = t.typelem and e.typarray = t.oid
    union all select t.typbasetype where t.typbasetype <> 0
    union all select r.rngsubtype from pg_range r where t.typtype in ('r', 'm') and ` + ranges + `
    union all select a.atttypid from pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ) x
)`
}

// readTypes reads the types that are in use, with the labels of enums, the fields of composites and the
// checks of domains.
func (i *inspector) readTypes(ctx context.Context) error {
	ranges := "r.rngtypid = t.oid"
	if i.major >= 14 {
		ranges = "t.oid in (r.rngtypid, r.rngmultitypid)"
	}
	used := i.usedTypes()
	sql := used + `
select t.oid, format_type(t.oid, null), case when n.nspname = 'pg_catalog' then t.typname else '' end, t.typname, t.typtype,
       coalesce(e.oid, r.rngsubtype, 0), t.typbasetype, t.typtypmod, t.typndims, t.typnotnull, coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault, ''), coalesce(x.extname, '')
  from used u
  join pg_type t on t.oid = u.oid
  join pg_namespace n on n.oid = t.typnamespace
  left join pg_type e on e.oid = t.typelem and e.typarray = t.oid
  left join pg_range r on t.typtype in ('r', 'm') and ` + ranges + `
  left join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass
  left join pg_extension x on x.oid = d.refobjid`
	err := i.s.each(ctx, sql, func(r [][]byte) error {
		i.types[toOID(r[0])] = &rawType{name: string(r[1]), base: string(r[2]), own: string(r[3]), kind: r[4][0], element: toOID(r[5]),
			over: toOID(r[6]), typmod: int32(toInt(r[7])), dims: int(toInt(r[8])), notNull: toBool(r[9]), dflt: string(r[10]), extension: string(r[11])}
		return nil
	})
	if err != nil {
		return err
	}
	err = i.s.each(ctx, "select enumtypid, enumlabel from pg_enum order by enumtypid, enumsortorder", func(r [][]byte) error {
		oid := toOID(r[0])
		i.enums[oid] = append(i.enums[oid], string(r[1]))
		return nil
	})
	if err != nil {
		return err
	}
	fields := used + `
select t.oid, a.attname, a.atttypid, a.atttypmod, a.attndims
  from used u join pg_type t on t.oid = u.oid and t.typtype = 'c' join pg_attribute a on a.attrelid = t.typrelid
 where a.attnum > 0 and not a.attisdropped order by t.oid, a.attnum`
	err = i.s.each(ctx, fields, func(r [][]byte) error {
		t := i.types[toOID(r[0])]
		t.fields = append(t.fields, rawField{name: string(r[1]), oid: toOID(r[2]), typmod: int32(toInt(r[3])), dims: int(toInt(r[4]))})
		return nil
	})
	if err != nil {
		return err
	}
	const checks = `
select oid, contypid, conname, pg_get_expr(conbin, 0), not convalidated from pg_constraint where contypid <> 0 and contype = 'c' order by contypid, conname`
	return i.s.each(ctx, checks, func(r [][]byte) error {
		if d := i.types[toOID(r[1])]; d != nil {
			d.checks = append(d.checks, &schema.Check{Name: string(r[2]), Expression: string(r[3]), Domain: d.name, NotValid: toBool(r[4]), Functions: i.calls[toOID(r[0])]})
		}
		return nil
	})
}

// deepest bounds how deep types are followed into one another.
const deepest = 12

// typeAt describes a type with its modifier and dimensions, and all that it is made of.
func (i *inspector) typeAt(oid uint32, typmod int32, dims, depth int) schema.Type {
	domain := ""
	var checks []*schema.Check
	for d := i.types[oid]; d != nil && d.kind == 'd'; d = i.types[oid] {
		if domain == "" {
			domain = d.name
		}
		checks = append(checks, d.checks...)
		oid, typmod, dims = d.over, d.typmod, d.dims
	}
	r := i.types[oid]
	if r == nil || depth > deepest {
		return schema.Type{Kind: column.Literal, Domain: domain, Checks: checks}
	}
	t := typeOf(*r, typmod)
	t.Base, t.Extension, t.Domain, t.Checks = r.base, r.extension, domain, checks
	switch {
	case r.kind == 'e':
		t.Category, t.Enum, t.EnumName = schema.EnumType, i.enums[oid], r.name
	case r.kind == 'c':
		t.Category = schema.CompositeType
		for _, f := range r.fields {
			t.Fields = append(t.Fields, schema.Field{Name: f.name, Type: i.typeAt(f.oid, f.typmod, f.dims, depth+1)})
		}
	case r.element != 0:
		switch r.kind {
		case 'r':
			t.Category = schema.RangeType
		case 'm':
			t.Category = schema.MultirangeType
		default:
			t.Category, t.Dimensions = schema.ArrayType, max(dims, 1)
		}
		if t.Category != schema.ArrayType {
			typmod = -1
		}
		e := i.typeAt(r.element, typmod, 0, depth+1)
		t.Element = &e
	}
	return t
}
