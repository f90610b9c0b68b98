package corpus

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// postgisSchema has a column of each form of a modifier of PostGIS, in a domain and in an array too.
const postgisSchema = `create extension postgis;
create domain spot as geography(Point, 4326);
create table places (id serial primary key, any_shape geometry not null, point geometry(Point, 4326) not null, track geometry(LineString, 3857),
	high geometry(PointZ, 4326) not null, measured geometry(PointM, 25832) not null, track_zm geometry(LineStringZM) not null, any_high geometry(GeometryZ, 4326));
create table areas (id serial primary key, any_shape geography not null, area geography(Polygon, 4326) not null, areas geometry(MultiPolygon, 4326) not null,
	tracks geometry(MultiLineStringZ, 4326) not null, points geography(MultiPoint), all_of geometry(GeometryCollection, 4326) not null,
	all_high geometry(GeometryCollectionZM, 4326));
create table stops (id serial primary key, at spot not null, others geometry(Point, 4326)[] not null);
create table bends (id serial primary key, bend geometry(CurvePolygon, 4326));`

// postgisFacts give 0.
var postgisFacts = []string{
	"select count(*) from places where not (st_isvalid(any_shape) and st_isvalid(point) and st_isvalid(track_zm) and coalesce(st_isvalid(track), true))",
	"select count(*) from places where st_srid(measured) <> 25832 or coalesce(st_srid(track), 3857) <> 3857",
	"select count(*) from areas where not (st_isvalid(area::geometry) and st_isvalid(areas) and st_isvalid(all_of)) or geometrytype(areas) <> 'MULTIPOLYGON'",
	"select count(*) from areas where not st_within(area::geometry, st_makeenvelope(-180, -90, 180, 90, 4326))",
	"select count(*) from (select 1 from stops having count(distinct st_astext(at)) < 10) x",
	"select count(*) from bends where bend is not null",
}

// TestPostGIS fills columns of every form of a modifier, on the servers that have the extension.
func TestPostGIS(t *testing.T) {
	filled := 0
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		if got := s.Psql(t, "postgres", "select count(*) from pg_available_extensions where name = 'postgis'"); strings.TrimSpace(got) == "0" {
			return // the server of another origin
		}
		url := s.NewDatabase(t, "corpus_postgis")
		apply(t, url, postgisSchema)
		e := &entry{name: "postgis", facts: postgisFacts, expect: newExpectation()}
		e.expect.free["spatial_ref_sys"] = "the extension's own"
		for _, line := range fillPostgres(t, url, e, 200).complaints {
			t.Error(line)
		}
		filled++
	})
	if filled == 0 {
		t.Error("no server has PostGIS: scripts/setup-tests.sh installs it")
	}
}
