-- queries.sql: inserts, an index, joins, groups, a window, full text.
create table t(a integer primary key, b text, c real);
with recursive n(i) as (values(1) union all select i + 1 from n where i < 120000)
insert into t select i, 'row ' || (i * 7919 % 10007), i / 7.0 from n;
create index tb on t(b, c);
select count(*), sum(length(b)), round(avg(c), 6), min(b), max(b) from t;
select b, count(*) k, sum(c) from t group by b having k > 3 order by k desc, b limit 5;
select count(*) from t x join t y on x.b = y.b and x.a < y.a;
select sum(s) from (select sum(c) over (order by a rows between 20 preceding and current row) s from t);
create virtual table f using fts4(subject, body);
with recursive n(i) as (values(1) union all select i + 1 from n where i < 2000)
insert into f select 'subject ' || i, 'the quick brown fox number ' || i || ' jumps over ' || (i * i) from n;
create temp table s as select snippet(f) x from f where f match 'number fox';
select sum(length(x)) from s;
update t set b = 'changed ' || a where a % 3 = 0;
select count(distinct b) from t;
