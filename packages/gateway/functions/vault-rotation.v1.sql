-- What `gerbang vault rotate` reads and writes: one column of one table, a bounded number of rows at a time, in the order of the
-- primary key (partner_id, p_number); p_number is null where partner_id alone is the key. Names come from the program's own list.
--
-- The settings leave the planner no other way than the key, whatever it knows of the table.
create or replace function read_sealed_v1(
  p_table text, p_number text, p_column text, p_after_partner text, p_after_number text, p_most integer)
returns table (partner_id text, number text, sealed text)
language plpgsql set enable_seqscan = off set enable_sort = off as $$
begin
  return query execute case
    when p_number is null then format(
      'select partner_id::text, '''', %2$I::text from %1$I where partner_id > $1 order by partner_id limit $3',
      p_table, p_column)
    else format(
      'select partner_id::text, %3$I::text, %2$I::text from %1$I where (partner_id, %3$I) > ($1, $2)
        order by partner_id, %3$I limit $3', p_table, p_column, p_number) end
  using p_after_partner, p_after_number, p_most;
end $$;

-- The same stretch of rows by the key that they are sealed under. Every line carries the end of the stretch; none means that there
-- are no more rows.
create or replace function count_sealed_v1(
  p_table text, p_number text, p_column text, p_after_partner text, p_after_number text, p_most integer)
returns table (key_id text, n integer, last_partner text, last_number text)
language sql as $$
  with stretch as materialized (
    select r.*, row_number() over () as place
      from read_sealed_v1(p_table, p_number, p_column, p_after_partner, p_after_number, p_most) r)
  select split_part(s.sealed, '.', 1), count(*)::integer, max(e.partner_id), max(e.number)
    from stretch s, (select partner_id, number from stretch order by place desc limit 1) e
   group by 1;
$$;

-- Puts the new value where the old one still stands. A row that somebody else holds is left for the next time: nobody is waited for
-- here, so nobody waits for long. What was changed or deleted meanwhile stays as it is.
create or replace function write_sealed_v1(
  p_table text, p_number text, p_column text, p_partner text[], p_numbers text[], p_old text[], p_new text[])
returns integer
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  written integer;
  same_row text := 't.partner_id = c.partner_id' ||
    case when p_number is null then '' else format(' and t.%I = c.number', p_number) end ||
    format(' and t.%I = c.old', p_column);
begin
  execute format(
    'with change as (
       select * from unnest($1, $2, $3, $4) as c (partner_id, number, old, new)),
     mine as (
       select c.* from %1$I t, change c where %3$s for no key update of t skip locked)
     update %1$I t set %2$I = c.new from mine c where %3$s', p_table, p_column, same_row)
  using p_partner, p_numbers, p_old, p_new;
  get diagnostics written = row_count;
  return written;
end $$;

-- Kept replies of some services are sealed too, inside their text. They stand between those of payments, which are many more: so they
-- are looked for partner by partner, day by day and service by service, which the primary key answers at once.
create or replace function next_reply_day_v1(p_after_partner text, p_after_date date)
returns table (partner_id text, request_date date)
language sql set enable_seqscan = off set enable_sort = off as $$
  select r.partner_id::text, r.request_date from request_ids r
   where (r.partner_id, r.request_date) > (p_after_partner, p_after_date)
   order by r.partner_id, r.request_date limit 1;
$$;

create or replace function read_sealed_replies_v1(
  p_partner text, p_date date, p_service text, p_after_external_id text, p_most integer)
returns table (external_id text, sealed text)
language sql set enable_seqscan = off set enable_sort = off as $$
  select r.external_id::text, case when r.reply like '{"responseCode":"_______","sealed":"%' then r.reply::json->>'sealed' end
    from request_ids r
   where r.partner_id = p_partner and r.request_date = p_date and r.service_code = p_service
     and r.external_id > p_after_external_id
   order by r.external_id limit p_most;
$$;

create or replace function write_sealed_replies_v1(
  p_partner text, p_date date, p_service text, p_external_id text[], p_old text[], p_new text[])
returns integer
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  written integer;
begin
  with change as (
    select * from unnest(p_external_id, p_old, p_new) as c (external_id, old, new)),
  mine as (
    select c.* from request_ids r, change c
     where r.partner_id = p_partner and r.request_date = p_date and r.service_code = p_service
       and r.external_id = c.external_id and position(c.old in r.reply) > 0
       for no key update of r skip locked)
  update request_ids r set reply = replace(r.reply, c.old, c.new) from mine c
   where r.partner_id = p_partner and r.request_date = p_date and r.service_code = p_service
     and r.external_id = c.external_id and position(c.old in r.reply) > 0;
  get diagnostics written = row_count;
  return written;
end $$;
