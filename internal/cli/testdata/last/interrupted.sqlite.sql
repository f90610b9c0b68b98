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
CREATE TABLE remarks (supplier_id integer not null, number integer not null, said text not null, at timestamp,
  foreign key (supplier_id, number) references parts (supplier_id, number));
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
INSERT INTO sower_run VALUES(1,'parts','running','0f6390eb86558ff23be57b5b02a27378c6697fbf9ff0abfd2c6837170c2ad422',X'7b226f7574707574223a312c22626c75657072696e74223a227061727473222c22646967657374223a2263393835356162306431396536386462306466643636313939626237623737646335616130356130653135623433626336333933363538303865623531363166222c22706172616d6574657273223a7b7d2c2273656564223a312c227461626c6573223a5b7b226e616d65223a22737570706c69657273222c22726f7773223a31302c22636f6c756d6e73223a5b226964222c226e616d65222c22656d61696c222c22666f756e646564225d2c226669727374223a7b226964223a317d7d2c7b226e616d65223a227061727473222c22726f7773223a34302c22636f6c756d6e73223a5b22737570706c6965725f6964222c226e756d626572222c227469746c65222c227072696365222c22776569676874225d7d2c7b226e616d65223a2272656d61726b73222c22726f7773223a36302c22636f6c756d6e73223a5b22737570706c6965725f6964222c226e756d626572222c2273616964222c226174225d7d5d7d','development','2026-11-29 23:49:53.052170',NULL);
CREATE TABLE sower_ledger (
		run   integer not null,
		name  text not null,
		first integer not null,
		n     integer not null,
		primary key (run, name, first)
	) without rowid;
INSERT INTO sower_ledger VALUES(1,'parts',0,4);
INSERT INTO sower_ledger VALUES(1,'parts',4,4);
INSERT INTO sower_ledger VALUES(1,'parts',8,4);
INSERT INTO sower_ledger VALUES(1,'suppliers',0,4);
INSERT INTO sower_ledger VALUES(1,'suppliers',4,4);
INSERT INTO sower_ledger VALUES(1,'suppliers',8,2);
CREATE TABLE sower_key (
		table_name  text not null,
		column_name text not null,
		last        integer not null,
		primary key (table_name, column_name)
	) without rowid;
INSERT INTO sower_key VALUES('suppliers','id',10);
COMMIT;
