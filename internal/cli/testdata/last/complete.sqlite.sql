PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE suppliers (id integer primary key, name text not null, email text not null unique, founded date);
INSERT INTO suppliers VALUES(1,'Norman & Herzog Group','jason.walter98@mail.example.org','2025-04-08');
INSERT INTO suppliers VALUES(2,'Fuller & Rivera LLC','owen.goldner@example.com','2024-06-02');
INSERT INTO suppliers VALUES(3,'Holland & Reese Consulting','bobbie.ward@example.org','2024-04-22');
INSERT INTO suppliers VALUES(4,'King & Sanchez Consulting','marcella.swift97@example.org','2023-08-20');
INSERT INTO suppliers VALUES(5,'Dietrich & Gleason','angela.berge@mail.example.com','2023-10-03');
INSERT INTO suppliers VALUES(6,'Ortega & Hanson Inc.','lucy.simpson@example.com',NULL);
INSERT INTO suppliers VALUES(7,'Hubbard & Hill','lela.pierce27@mail.example.org','2023-10-03');
INSERT INTO suppliers VALUES(8,'Walker & Warren Industries','roman.lamb@example.com','2025-08-26');
INSERT INTO suppliers VALUES(9,'Thompson & Collier Partners','arthur.abbott60@example.net','2025-09-27');
INSERT INTO suppliers VALUES(10,'Auer & Reese Consulting','gregg.blake58@example.com','2024-05-20');
CREATE TABLE parts (
  supplier_id integer not null references suppliers (id), number integer not null, title text not null,
  price numeric(8,2) not null check (price >= 0), weight integer, primary key (supplier_id, number));
INSERT INTO parts VALUES(8,48,'Ancient Zirconium Mirror',4.9900000000000002131,13);
INSERT INTO parts VALUES(3,72,'Stainless Porcelain Box',283,NULL);
INSERT INTO parts VALUES(5,57,'Fabulous Polyurethane Oven',70.989999999999994885,93);
INSERT INTO parts VALUES(9,63,'Pure Vinyl Carpet',243,80);
INSERT INTO parts VALUES(5,87,'Sophisticated Jade Pendant',101,59);
INSERT INTO parts VALUES(3,55,'Rugged Vinyl Container',168,6);
INSERT INTO parts VALUES(6,83,'Crisp Suede Counter',177,51);
INSERT INTO parts VALUES(3,57,'Dependable Polyurethane Bed',319,81);
INSERT INTO parts VALUES(1,81,'Stunning Mineral Shelf',136.99000000000000909,100);
INSERT INTO parts VALUES(8,25,'Unmatched Composite Dehumidifier',37.5,52);
INSERT INTO parts VALUES(10,18,'Impressive Vinyl Player',27.989999999999998435,12);
INSERT INTO parts VALUES(10,57,'Delicate Diamond Pliers',107.98999999999999488,7);
INSERT INTO parts VALUES(10,94,'Sleek Mesh Marker',55,72);
INSERT INTO parts VALUES(2,89,'Remarkable Fiberglass Bracelet',181,71);
INSERT INTO parts VALUES(6,15,'Reliable Wool Antenna',1.4899999999999999911,88);
INSERT INTO parts VALUES(3,34,'Tough Bamboo Dartboard',155,NULL);
INSERT INTO parts VALUES(2,4,'Lasting Pearl Puzzle',42.49000000000000199,62);
INSERT INTO parts VALUES(9,8,'Smart Leather Wardrobe',38.950000000000002842,NULL);
INSERT INTO parts VALUES(1,58,'Enduring Wood Spoon',132.99000000000000909,49);
INSERT INTO parts VALUES(5,91,'Ancient Terracotta File',20,4);
INSERT INTO parts VALUES(8,6,'Special Silicone Stethoscope',64.989999999999994882,90);
INSERT INTO parts VALUES(8,39,'Quality Sapphire Clock',91.98999999999999488,92);
INSERT INTO parts VALUES(2,24,'Athletic Spandex Plug',210.99000000000000909,33);
INSERT INTO parts VALUES(4,5,'Amazing Metal Pool',46.5,71);
INSERT INTO parts VALUES(9,12,'Efficient Mesh Vent',101,65);
INSERT INTO parts VALUES(5,6,'Splendid Satin Binoculars',162.99000000000000909,NULL);
INSERT INTO parts VALUES(10,76,'Minimalist Spandex Pattern',33,74);
INSERT INTO parts VALUES(8,77,'Outstanding Styrofoam Doorknob',141,93);
INSERT INTO parts VALUES(8,44,'Luxe Velvet Candle',313,99);
INSERT INTO parts VALUES(8,62,'Brilliant Composite Furnace',172,1);
INSERT INTO parts VALUES(7,90,'Speed Bauxite Boot',33,67);
INSERT INTO parts VALUES(7,47,'Timeless Fiberglass Ball',14.5,NULL);
INSERT INTO parts VALUES(8,4,'Compact Polycarbonate Dryer',462.99000000000000909,91);
INSERT INTO parts VALUES(4,79,'Graceful Mdf Earbuds',86.950000000000002842,62);
INSERT INTO parts VALUES(8,98,'Vigorous Wood Console',357.99000000000000909,98);
INSERT INTO parts VALUES(9,5,'Tough Rawhide Vase',99.989999999999994882,70);
INSERT INTO parts VALUES(8,95,'Supreme Bauxite Hose',28.949999999999999288,83);
INSERT INTO parts VALUES(3,20,'Quality Rawhide Suitcase',147.99000000000000909,14);
INSERT INTO parts VALUES(7,55,'Exclusive Vinyl Rug',232,71);
INSERT INTO parts VALUES(1,77,'Amazing Jade Corkboard',275,49);
CREATE TABLE remarks (supplier_id integer not null, number integer not null, said text not null, at timestamp,
  foreign key (supplier_id, number) references parts (supplier_id, number));
INSERT INTO remarks VALUES(8,44,'Village','2024-12-10 07:43:58.312000');
INSERT INTO remarks VALUES(5,91,'Rain and shore','2023-03-16 09:29:24.300000');
INSERT INTO remarks VALUES(5,87,'Signal','2024-11-21 10:37:06.168000');
INSERT INTO remarks VALUES(2,24,'Tower',NULL);
INSERT INTO remarks VALUES(10,57,'Orchard and village','2024-10-02 03:58:25.634000');
INSERT INTO remarks VALUES(2,4,'River and lantern','2025-04-23 03:49:36.414000');
INSERT INTO remarks VALUES(8,6,'Lantern and water',NULL);
INSERT INTO remarks VALUES(8,98,'Window and beacon','2025-05-20 16:02:02.988000');
INSERT INTO remarks VALUES(8,77,'Morning','2025-06-28 08:18:18.369000');
INSERT INTO remarks VALUES(7,47,'Calm paper','2024-11-16 05:12:18.724000');
INSERT INTO remarks VALUES(1,81,'Garden and window','2024-04-01 03:42:14.609000');
INSERT INTO remarks VALUES(8,4,'Sparrow and pebble','2024-02-07 21:42:49.100000');
INSERT INTO remarks VALUES(8,98,'Lantern and tower','2024-05-05 18:13:54.478000');
INSERT INTO remarks VALUES(3,55,'Patient shore','2024-01-10 01:44:41.584000');
INSERT INTO remarks VALUES(8,44,'Sudden mountain','2025-10-29 17:39:04.297000');
INSERT INTO remarks VALUES(8,95,'Golden village','2025-01-02 19:12:09.839000');
INSERT INTO remarks VALUES(3,34,'Orchard and forest','2024-06-03 13:37:58.733000');
INSERT INTO remarks VALUES(4,5,'Sudden lantern','2023-03-03 01:01:09.654000');
INSERT INTO remarks VALUES(7,47,'Narrow winter','2023-08-08 06:55:13.708000');
INSERT INTO remarks VALUES(10,57,'Story','2025-07-17 14:31:44.833000');
INSERT INTO remarks VALUES(10,94,'Distant lantern','2025-10-02 12:40:40.749000');
INSERT INTO remarks VALUES(8,4,'Rain','2025-04-13 21:19:29.059000');
INSERT INTO remarks VALUES(8,62,'Steady tower','2025-02-02 21:23:42.216000');
INSERT INTO remarks VALUES(9,5,'Rain','2023-08-21 20:47:11.479000');
INSERT INTO remarks VALUES(9,63,'River and storm','2024-10-17 18:04:16.481000');
INSERT INTO remarks VALUES(1,77,'Mountain and forest','2024-11-11 04:05:10.098000');
INSERT INTO remarks VALUES(8,39,'Meadow and voice','2024-05-27 13:29:28.241000');
INSERT INTO remarks VALUES(8,98,'Steady lantern','2024-05-10 12:28:04.098000');
INSERT INTO remarks VALUES(8,25,'Planet and autumn','2023-07-18 16:07:19.396000');
INSERT INTO remarks VALUES(5,91,'Secret mountain','2024-03-16 03:33:40.227000');
INSERT INTO remarks VALUES(9,63,'Meadow',NULL);
INSERT INTO remarks VALUES(8,39,'Compass and winter','2023-05-29 23:42:46.165000');
INSERT INTO remarks VALUES(3,55,'Crimson paper',NULL);
INSERT INTO remarks VALUES(8,48,'Paper','2023-01-13 18:25:21.073000');
INSERT INTO remarks VALUES(9,5,'Paper and bridge','2023-12-03 07:07:47.088000');
INSERT INTO remarks VALUES(1,81,'Vivid storm','2023-03-14 15:25:12.261000');
INSERT INTO remarks VALUES(3,20,'Little pebble','2024-05-13 18:37:59.366000');
INSERT INTO remarks VALUES(2,89,'Young anchor','2024-04-28 18:51:49.530000');
INSERT INTO remarks VALUES(10,18,'Shadow and village','2024-10-15 02:47:16.881000');
INSERT INTO remarks VALUES(9,5,'Lantern',NULL);
INSERT INTO remarks VALUES(3,34,'Amber beacon','2025-11-22 05:01:30.264000');
INSERT INTO remarks VALUES(3,57,'Shallow pebble','2025-06-11 07:29:27.652000');
INSERT INTO remarks VALUES(5,91,'Mirror and orchard',NULL);
INSERT INTO remarks VALUES(8,48,'Street and planet','2023-03-20 19:00:03.553000');
INSERT INTO remarks VALUES(5,57,'Thunder','2023-06-11 23:44:46.042000');
INSERT INTO remarks VALUES(10,94,'Warm storm','2023-02-12 06:14:19.173000');
INSERT INTO remarks VALUES(10,94,'Voice and water','2023-04-08 18:47:24.949000');
INSERT INTO remarks VALUES(1,81,'Pebble',NULL);
INSERT INTO remarks VALUES(6,15,'Compass and mountain','2025-07-14 11:09:11.829000');
INSERT INTO remarks VALUES(1,81,'Patient storm','2024-03-03 16:38:33.855000');
INSERT INTO remarks VALUES(6,83,'Road','2023-05-14 16:30:14.347000');
INSERT INTO remarks VALUES(3,72,'Forest','2024-12-02 21:17:11.825000');
INSERT INTO remarks VALUES(2,89,'Water','2023-02-19 04:19:22.148000');
INSERT INTO remarks VALUES(8,48,'Sudden rain','2025-03-27 04:54:03.876000');
INSERT INTO remarks VALUES(8,48,'Early water','2023-10-10 22:34:33.161000');
INSERT INTO remarks VALUES(3,20,'Patient street','2023-02-15 03:41:31.337000');
INSERT INTO remarks VALUES(7,55,'Anchor','2025-09-16 08:19:25.210000');
INSERT INTO remarks VALUES(4,79,'Window','2025-06-25 06:55:50.257000');
INSERT INTO remarks VALUES(8,77,'Painted compass','2024-02-14 02:38:34.250000');
INSERT INTO remarks VALUES(3,57,'Window','2025-02-05 12:30:41.901000');
CREATE TABLE sower_run (
		number    integer primary key,
		blueprint text not null,
		state     text not null,
		identity  text not null,
		plan      blob,
		version   text not null,
		started   text not null,
		finished  text
	);
INSERT INTO sower_run VALUES(1,'parts','complete','0f6390eb86558ff23be57b5b02a27378c6697fbf9ff0abfd2c6837170c2ad422',X'7b226f7574707574223a312c22626c75657072696e74223a227061727473222c22646967657374223a2263393835356162306431396536386462306466643636313939626237623737646335616130356130653135623433626336333933363538303865623531363166222c22706172616d6574657273223a7b7d2c2273656564223a312c227461626c6573223a5b7b226e616d65223a22737570706c69657273222c22726f7773223a31302c22636f6c756d6e73223a5b226964222c226e616d65222c22656d61696c222c22666f756e646564225d2c226669727374223a7b226964223a317d7d2c7b226e616d65223a227061727473222c22726f7773223a34302c22636f6c756d6e73223a5b22737570706c6965725f6964222c226e756d626572222c227469746c65222c227072696365222c22776569676874225d7d2c7b226e616d65223a2272656d61726b73222c22726f7773223a36302c22636f6c756d6e73223a5b22737570706c6965725f6964222c226e756d626572222c2273616964222c226174225d7d5d7d','development','2026-11-29 23:49:52.305495','2026-11-29 23:49:52.841658');
CREATE TABLE sower_ledger (
		run   integer not null,
		name  text not null,
		first integer not null,
		n     integer not null,
		primary key (run, name, first)
	) without rowid;
CREATE TABLE sower_key (
		table_name  text not null,
		column_name text not null,
		last        integer not null,
		primary key (table_name, column_name)
	) without rowid;
INSERT INTO sower_key VALUES('suppliers','id',10);
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 VALUES('suppliers','sqlite_autoindex_suppliers_1','10 1');
INSERT INTO sqlite_stat1 VALUES('parts','sqlite_autoindex_parts_1','40 4 1');
INSERT INTO sqlite_stat1 VALUES('remarks',NULL,'60');
ANALYZE sqlite_schema;
COMMIT;
