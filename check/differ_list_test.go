package check

import (
	"strings"

	"github.com/sowerdata/sower/schema"
)

// differFunctions are functions of the user's, and differBodies what the catalog says of them.
const differFunctions = `
create function clean(val text) returns boolean language sql immutable as $$ select $1 !~ '[[:cntrl:]]' $$;
create function positive(x numeric) returns boolean language sql immutable strict as 'select x > 0 and x is not null';
create function either(a text, b text) returns boolean language sql immutable return a is not null or b is not null;
`

var differBodies = map[string]*schema.Function{
	"public.clean":    {Name: "public.clean", Language: "sql", Body: "select $1 !~ '[[:cntrl:]]'", Args: []string{"val"}},
	"public.positive": {Name: "public.positive", Language: "sql", Body: "select x > 0 and x is not null", Args: []string{"x"}, Strict: true},
	"public.either":   {Name: "public.either", Language: "sql", Body: "RETURN ((a IS NOT NULL) OR (b IS NOT NULL))", Args: []string{"a", "b"}},
}

var differExpressions = lines(`
i4 > 0
i2 >= 0 and i2 <= 100
i4 between 1 and 10
i4 not between 1 and 10
i4 in (1, 2, 3)
i4 not in (1, 2, null)
i4 <> i5
i4 + i5 > 10
i4 - i5 = 0
i4 * 2 > i5
i4 / 3 = 1
i4 / i5 > 1
i4 % 2 = 0
i4 % i5 = 0
-i4 < 5
@ i4 < 50
i4 & 1 = 1
i4 | 8 > 10
i4 # 3 = 2
i4 << 2 > 20
i4 >> 1 < 4
~i4 < 0
i8 > i4
i8 + 1 > 0
i2 + i4 > 5
abs(i4) > 5
abs(n) > 1
sign(n) = 1
mod(i4, 3) = 1
mod(nn, 2) = 0.5
n >= 0
n > i4
n = round(n, 1)
n * 2 < 100
n / 3 > 10
n / 7 < nn
nn / 3 > 0.033
(n + nn) / (i5 + 1) > 1.5
n - nn <> 0
-n > 0
nn % 2 > 0
n = f8
nn > f8
f8 > 0
f8 >= 0 and f8 <= 1
f8 = 0.1
f4 = 0.1
f4 = 0.1::real
f4::numeric = 0.1
f8::numeric > 0.05
f8::int > 2
nn::int = 3
n::int::text = '2'
n::text like '%.5%'
f8::text = '0.1'
f8::text like '%e%'
f4::text = '0.1'
i4::text = '12345'
i4::bool
b::int + b2::int = 1
(i4 is not null)::int + (n is not null)::int + (t is not null)::int = 1
((i4 is null)::int + (n is null)::int) <= 1
f8 + f4 > 1
f8 * 2 < 5
f8 / 2 > 1
f4 * 3 > 1
floor(n) = n
ceil(nn) > 2
round(f8) = 2
trunc(nn) = 2
round(nn) = 3
sqrt(f8) < 2
greatest(i4, i5) > 10
least(i4, i5, 3) > 0
greatest(n, nn) = n
greatest(d, d2) > '2020-01-01'
least(t is null, b) is true
coalesce(i4, i5) is not null
coalesce(i4, i5, 0) > 0
coalesce(t, v) = 'abc'
coalesce(n, i4) > 1
nullif(i4, i5) is null
nullif(t, '') is not null
num_nulls(i4, t, d) = 1
num_nonnulls(i4, t, d) >= 2
b
not b
b = b2
b <> b2
b is true
b is not true
b is false
b is unknown
b is not unknown
b and b2
b or b2
not (b and b2)
b or not b2
b is distinct from b2
i4 is distinct from i5
t is not distinct from t2
t is distinct from null
(b and b2) is not null
(t is null) <> (t2 is null)
(t is null) = (t2 is null)
(t = 'void') = (d is not null)
(i4 > 0) = b
t = 'abc'
t <> ''
t > ''
t <> 'abc' and t <> 'open'
t in ('open', 'closed', 'void')
t not in ('open', 'closed')
v in ('open', 'closed')
v = any (array['open', 'void'])
upper(v) = any (array['OPEN', 'ABC'])
m in ('sad', 'ok')
m = 'happy'
m > 'sad'
m::text = 'ok'
m <> 'ok' or i4 > 0
t = t2
t = v
v = ch
ch = 'abc'
ch = 'a'
ch <> ''
ch in ('a', 'abc')
length(ch) = 3
octet_length(ch) = 5
ch like 'a%'
ch like 'a    '
ch ~ '^a'
ch ~ ' $'
upper(ch) = 'ABC'
ch || 'x' = 'ax'
trim(ch) = 'abc'
tc > 'abc'
tc < 'B'
tc >= tc || ''
t collate "C" > 'b'
length(t) > 3
length(trim(both from t)) > 0
length(t) between 1 and 20
char_length(v) <= 10
octet_length(t) <= 5
octet_length(by) = 2
bit_length(t) = 24
length(by) > 2
by = '\x00ff'
by <> '\x'
t = lower(t)
t = upper(t)
t = trim(t)
trim(t) <> ''
btrim(t, ' a') = 'bc'
ltrim(t) = t
rtrim(t, 'c ') = 'ab'
trim(leading 'a' from t) = 'bc'
substr(t, 1, 1) = 'a'
substring(t, 2) = 'bc'
substring(t from 2 for 1) = 'b'
substring(t from '[0-9]+') = '12'
substr(t, -1, 3) = 'a'
left(t, 2) = 'ab'
right(t, 1) = 'c'
left(t, -1) = 'ab'
right(t, -1) = 'bc'
position('b' in t) = 2
strpos(t, '@') > 1
replace(t, 'a', 'x') = 'xbc'
translate(t, 'ab', 'x') = 'xc'
split_part(t, ',', 2) = 'y'
split_part(t, '@', 2) = 'example.com'
starts_with(t, 'https://')
t ^@ 'ab'
reverse(t) = 'cba'
repeat(t, 2) = 'aa'
ascii(t) = 97
md5(t) = '900150983cd24fb0d6963f7d28e17f72'
t || t2 = 'aa'
t || i4 = 'a1'
t || '' <> ''
t like 'a%'
t like '%c'
t like '%b%'
t like 'a_c'
t like 'a\_c'
t like 'a\%c'
t not like '%@%'
t like t2
t like 'a#%c' escape '#'
t like '%'
t ilike 'AB%'
t not ilike '%X%'
v like 'https://%'
t similar to '(open|closed|void)'
t similar to '[a-z]+'
t similar to '%-__'
t ~ '^[a-z]+$'
t ~ '^0x[a-f0-9]+$'
t !~ '^[A-Z]'
t ~* '^abc$'
t !~* 'B'
t ~ '^[A-Z]{2}-[0-9]{2}$'
t ~ '\d'
t ~ '^\w+$'
t ~ '\s'
t ~ '[[:space:]]'
t !~ '[^[:print:]]'
t ~ '^[[:alpha:]]+$'
t ~ '^.+@.+\..+$'
t ~ '^(open|closed)$'
t ~ 'b.*k'
t ~ '^\S+$'
t ~ '[[:cntrl:]]'
t ~ '^[^\s@]+@[^\s@]+\.[^\s@]+$'
t ~ 'a|b'
t ~ '^[\w.-]+$'
t ~ '(?i)ABC'
t ~ '^a{1,3}'
t ~ '{'
t ~ '^[]a-c]+$'
t ~ '^[^]a-c]+$'
t ~ '\ya'
t ~ '^(.)\1'
t ~ '^(?=a)'
t ~ '^(?!a)'
t ~ '\mabc\M'
t ~ '\Aabc\Z'
t ~ '\bc'
t ~ E'^line\nbreak$'
t ~ '^[a-zA-Z0-9_\-]+$'
t ~ '^[^%]*$'
t ~ '^\x61'
t ~ '\u0061'
t ~ '^[[:upper:]]'
t ~ t2
regexp_replace(t, '[^a-z]', '', 'g') = 'abc'
regexp_replace(t, 'a', 'b') = 'bbc'
d > '2000-01-01'
d >= d2
d < d2
d - d2 > 365
d + 30 > d2
d - 1 <> d2
d + interval '1 month' > d2
d - interval '1 year' < d2
d > ts
ts > d
ts > tz
tz > tz2
tz2 - tz > interval '1 day'
ts + interval '1 month 1 day' > tz2
ts - interval '1 hour' < tz
tz < now()
tz <= now() - interval '18 years'
d <= current_date
d > now() - interval '10 years'
age(d) > interval '5 years'
age(d, d2) > interval '1 year'
age(ts, tz::timestamp) < interval '1 month'
extract(year from d) > 2000
extract(month from d) = 12
extract(dow from d) in (0, 6)
extract(isodow from d) < 6
extract(doy from d) = 60
extract(week from d) = 1
extract(isoyear from d) = 2020
extract(quarter from d) = 1
extract(century from d) = 21
extract(decade from d) = 202
extract(epoch from d) > 0
extract(epoch from tz) > 1577836800
extract(epoch from ts) = 1577836801
extract(second from ts) > 10
extract(milliseconds from ts) > 10000
extract(microseconds from ts) > 10
extract(minute from ts) = 14
extract(hour from ts) < 13
extract(hour from tm) = 12
extract(epoch from tm) > 100
extract(epoch from iv) > 86400
extract(day from iv) = 1
extract(month from iv) = 2
extract(year from iv) = 1
extract(hour from iv) = 24
extract(seconds from iv) = 6.5
date_part('year', d) = 2020
date_part('day', ts) = 1
date_trunc('month', d) = d
date_trunc('day', ts) = ts
date_trunc('year', tz) = tz
date_trunc('week', ts) = ts
date_trunc('quarter', ts) = ts
date_trunc('hour', tz) = tz
date_trunc('second', ts) = ts
tz::date = '2020-01-01'
ts::date > d
(tz at time zone 'UTC')::date = d
tz at time zone 'UTC' > ts
ts::time = '12:00'
tm >= '12:00' and tm < '24:00'
tm + interval '1 hour' > '12:00'
iv > interval '0'
iv = interval '30 days'
iv >= '1 day'
iv + interval '1 day' > interval '1 month'
iv * 2 > interval '1 day'
-iv < interval '0'
isfinite(d)
d = 'infinity'
make_date(i4, 1, 1) > '1990-01-01'
to_timestamp(i4) > '1990-01-01 00:00:00+00'
to_timestamp(f8) < to_timestamp((1377734400.1234567)::double precision)
tz < to_timestamp((1377734400)::double precision)
d between '2000-01-01' and '2025-01-01'
u = '00000000-0000-0000-0000-000000000000'
u <> '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d'
u::text like '9b%'
jsonb_typeof(jb) = 'object'
json_typeof(j) = 'array'
jsonb_typeof(jb) in ('object', 'array')
jsonb_typeof(jb -> 'a') = 'number'
jb ->> 'a' = '1'
jb -> 'a' ->> 'b' = 'x'
j ->> 'a' = 'text'
j -> 'a' is not null
jb ->> 0 = '1'
jb ->> -1 = 'a'
jb -> 0 = '1'
jb #>> '{a,b}' = 'x'
jb #> '{0,a}' is not null
jb ? 'a'
jb ?| array['a', 'n']
jb ?& array['a', 'n']
jb @> '{"a": 1}'
jb @> '[1]'
jb @> '1'
'{"a": 1, "b": 2}' @> jb
jb <@ '[1, 2, 3, "a"]'
jb = '{}'
jb <> '{}'
jb = '[1,2,"a"]'
jb = '{"n": 100, "a": "text", "é": "ü\n"}'
jb <> 'null'
jb = '12.5'
jsonb_array_length(jb) > 0
(jb ->> 'a')::int > 0
(jb ->> 'n')::numeric = 100
(jb -> 'a')::int = 1
case when jsonb_typeof(jb) = 'array' then jsonb_array_length(jb) > 0 else true end
jb::text = '{"a": 1}'
jb ->> 'n' = '100'
cardinality(ta) <= 2
array_length(ta, 1) > 1
array_length(ia, 1) is null
array_position(ta, null) is null
array_position(ia, 3) = 1
'a' = any (ta)
'a' <> all (ta)
3 = any (ia)
i4 = any (ia)
i4 > all (ia)
i4 < any (ia)
ta @> array['a']
ta <@ array['a', 'b', 'c']
ta && array['b']
ta = '{a}'
ta <> '{}'
ia[1] = 1
ia[1] < ia[2]
ta[2] is not null
ia = array[1, 2, 3]
array_upper(ia, 1) = 3
array_remove(ta, 'b') = '{}'
array_to_string(ta, ',') = 'a,b,c'
array_to_string(ta, '-', '*') like '%*%'
ia || 1 = '{1,1}'
array[i4, i5] @> array[1]
i4 = any (array[i5, 1])
t like any (array['a%', '%c'])
t like all (array['a%', '%c'])
t ~ any (array['^a', 'c$'])
t = any ('{abc,open}'::text[])
r @> 3
r @> i4
i4 <@ r
r @> r2
r <@ r2
r && r2
r << r2
r >> r2
r -|- r2
r &< r2
r &> r2
r = r2
r <> r2
r < r2
not isempty(r)
lower(r) = 1
upper(r) > 5
lower(r) < upper(r2)
lower_inc(r)
upper_inf(r)
lower_inf(nr)
upper_inc(nr)
lower(nr) > 1
nr @> 2.5
nr @> nn
nr && numrange(2, 3)
r && int4range(i2, 10)
int4range(1, 10, '[]') @> i4
dr @> d
lower(dr) = '2020-01-01'
tr @> tz
upper(tr) is null
upper(dr) > lower(dr)
tr && tstzrange(tz, null)
row(i4, i5) is null
not (row(i4, t) is null)
row(i4, i5) is not null
(i4, i5) = (1, 2)
(i4, i5) < (5, 1)
(i4, i5) <= (i5, i4)
(i4, i5) <> (i5, i4)
(i4, t) in ((1, 'a'), (2, 'abc'))
case t when 'open' then d is null when 'closed' then d is not null else true end
case when i4 > 0 then n > 0 when i4 < 0 then n < 0 end
case when b then i4 else i5 end > 3
case when i5 = 0 then true else i4 / i5 > 1 end
i5 = 0 or i4 / i5 > 1
(t = 'open' and d is not null and d2 is null) or (t = 'closed' and d is null and d2 is not null)
not (b and t = 'open')
b or t <> 'open'
clean(t)
clean(v)
positive(n)
not positive(n)
positive(i4)
either(t, v)
true
null::boolean
i4 > 0 or null
t::int > 5
t::numeric > 3
t::date > '2000-01-01'
v::varchar(2) = 'ab'
n::numeric(10,1) = 1.5
n::numeric(3,2) > 0
t::char(3) = 'abc'
i4::smallint > 0
i8::int > 0
i8 * 2 > 0
i4 * i4 > 0
f8 > 'NaN'
f8 = 'NaN'
f8 <> 'Infinity'
b = true
b::text = 'true'
(b, b2) = (true, false)
i4::float8 / 3 > 1.1
i4 / 3.0 > 0.33
power(i4, 2) > 4
n ^ 2 > 4
concat(t, t2) = 'aa'
to_char(d, 'YYYY') = '2020'
t < t2
t >= 'abc'
greatest(t, t2) = 'abc'
array_positions(ia, 5) = '{1,2}'
char_length(regexp_replace(t, '\s+', '', 'g')) > 2
regexp_match(t, '^a') is not null
`)

func lines(s string) []string {
	return strings.Split(strings.TrimSpace(s), "\n")
}
