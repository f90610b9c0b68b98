create table accounts (aid int primary key, bid int, abalance int, filler char(84)) with (fillfactor = 100);
