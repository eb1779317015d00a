-- script.sql: what sqlite does with much of itself: tables, joins, triggers, snippet() of FTS, R*Tree, recursion.
create table t(a integer primary key, b text, c real);
with recursive n(i) as (values(1) union all select i + 1 from n where i < 3000)
insert into t select i, 'row ' || (i * 7919 % 1009), i / 7.0 from n;
create index tb on t(b, c);
select count(*), sum(a), round(avg(c), 6), min(b), max(b) from t;
select b, count(*) k from t group by b having k > 3 order by k desc, b limit 5;
select x.a, y.a from t x join t y on x.a = y.a * 3 where y.b like 'row 1%' order by x.a limit 5;
create table log(what text);
create trigger changed after update on t begin insert into log values(old.b || ' -> ' || new.b); end;
update t set b = 'changed ' || a where a % 500 = 0;
select * from log order by 1;
create table parent(id integer primary key);
create table child(id integer references parent(id) on delete cascade);
pragma foreign_keys = on;
insert into parent values(1), (2);
insert into child values(1), (1), (2);
delete from parent where id = 1;
select count(*) from child;
create virtual table f using fts4(subject, body);
with recursive n(i) as (values(1) union all select i + 1 from n where i < 200)
insert into f select 'subject ' || i, 'the quick brown fox number ' || i || ' jumps over the lazy dog and the number ' || (i * i) from n;
select snippet(f, '[', ']', '...', -1, 6) from f where f match 'number fox' limit 3;
select snippet(f) from f where f match '"lazy dog" AND (49 OR 64)';
select length(offsets(f)), length(hex(matchinfo(f, 'pcnalx'))) from f where f match 'quick*' limit 2;
create virtual table r using rtree(id, x0, x1, y0, y1);
with recursive n(i) as (values(1) union all select i + 1 from n where i < 500)
insert into r select i, i, i + 2, i * i % 97, i * i % 97 + 5 from n;
select count(*), sum(id) from r where x0 > 100 and x1 < 300 and y0 > 20 and y1 < 60;
select group_concat(v, ',') from (select round(a * a / 1000.0, 3) v from t where a % 400 = 0);
select a, sum(c) over (order by a rows between 2 preceding and current row) from t where a < 6;
with recursive fact(n, f) as (values(1, 1) union all select n + 1, f * (n + 1) from fact where n < 15) select max(f) from fact;
select printf('%08.3f|%-10s|%+d|%x|%e', 3.14159, 'left', 42, 255, 12345.678);
select json_extract('{"a": [1, {"b": [2, 3]}]}', '$.a[1].b[1]'), json_group_array(a) from t where a < 5;
explain query plan select * from t where b = 'row 5' and c > 1;
vacuum;
pragma integrity_check;
