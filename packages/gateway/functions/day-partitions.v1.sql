-- One partition a day. The default partition catches a day that nobody prepared: late is better than lost.
create or replace function create_day_partition_v1(p_table text, p_day date) returns void
language plpgsql set lock_timeout = '2s' as $$
declare
  partition text := p_table || coalesce('_' || to_char(p_day, 'YYYYMMDD'), '_default');
  -- A request id gets its reply a moment later; with room on its page no index needs to hear of that.
  fill integer := case p_table when 'request_ids' then 50 else 100 end;
begin
  if to_regclass(partition) is not null then return; end if;
  if p_day is null then
    execute format('create table %I partition of %I default with (fillfactor = %s)', partition, p_table, fill);
  else
    execute format('create table %I partition of %I for values from (%L) to (%L) with (fillfactor = %s)',
                   partition, p_table, p_day, p_day + 1, fill);
  end if;
exception
  -- The default partition already holds rows of that day: they stay there and are found there.
  when check_violation then null;
  -- Another process made it at this moment.
  when duplicate_table or unique_violation then null;
end $$;

-- A dropped day frees its external ids, so it has to be past by the caller's clock and by the server's.
create or replace function drop_day_partitions_v1(p_table text, p_today date, p_keep_days integer) returns integer
language plpgsql set lock_timeout = '2s' as $$
declare
  first_kept date := least(p_today, (now() at time zone 'Asia/Jakarta')::date) - p_keep_days;
  partition record;
  dropped integer := 0;
begin
  for partition in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = p_table::regclass and c.relname ~ '_[0-9]{8}$'
       and to_date(right(c.relname, 8), 'YYYYMMDD') < first_kept
  loop
    execute format('drop table %I', partition.relname);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
