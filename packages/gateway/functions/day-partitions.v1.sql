-- One partition a day. The default partition catches a day that nobody prepared: late is better than lost.
--
-- A partition is made aside and then attached, which keeps no payment from its parent. The default partition alone is
-- locked, while it is searched for rows of that day; it is empty unless a day was missed. A check that spares the search
-- would refuse the very days that the default partition is there for.
--
-- Payments queue behind a lock that is waited for, so nobody here waits long: 55P03 says try again later.
create or replace function create_day_partition_v1(p_table text, p_day date) returns void
language plpgsql set lock_timeout = '200ms' as $$
declare
  partition text := p_table || coalesce('_' || to_char(p_day, 'YYYYMMDD'), '_default');
  bounds text := case when p_day is null then 'default' else format('for values from (%L) to (%L)', p_day, p_day + 1) end;
  -- A request id gets its reply a moment later; with room on its page no index needs to hear of that.
  fill integer := case p_table when 'request_ids' then 50 else 100 end;
begin
  if to_regclass(partition) is not null then return; end if;
  -- One maker at a time, by the lock that attaching takes anyway.
  execute format('lock table only %I in share update exclusive mode', p_table);
  if to_regclass(partition) is not null then return; end if;
  execute format('create table %I (like %I including all) with (fillfactor = %s)', partition, p_table, fill);
  execute format('alter table %I attach partition %I %s', p_table, partition, bounds);
exception
  -- The default partition already holds rows of that day: they stay there and are found there.
  when check_violation then null;
end $$;

-- A dropped day frees its external ids, so it has to be past by the caller's clock and by the server's.
create or replace function drop_day_partitions_v1(p_table text, p_today date, p_keep_days integer) returns integer
language plpgsql set lock_timeout = '200ms' as $$
declare
  first_kept date := least(p_today, (now() at time zone 'Asia/Jakarta')::date) - p_keep_days;
  partition record;
  dropped integer := 0;
  day_column name;
begin
  for partition in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = p_table::regclass and c.relname ~ '_[0-9]{8}$'
       and to_date(right(c.relname, 8), 'YYYYMMDD') < first_kept
  loop
    execute format('drop table %I', partition.relname);
    dropped := dropped + 1;
  end loop;
  -- Days that were missed have no partition to go with. There is much of them only once, so little at a time will do.
  select a.attname into day_column
    from pg_partitioned_table t join pg_attribute a on a.attrelid = t.partrelid and a.attnum = t.partattrs[0]
   where t.partrelid = p_table::regclass;
  execute format('delete from %1$I where ctid = any (array(select ctid from %1$I where %2$I < $1 limit 10000))',
                 p_table || '_default', day_column) using first_kept;
  return dropped;
end $$;

-- The days of the outbox that are past by both clocks and that every reader has read.
create or replace function drop_read_outbox_v1(p_today date, p_keep_days integer) returns integer
language plpgsql set lock_timeout = '200ms' as $$
declare
  first_kept date := least(p_today, (now() at time zone 'Asia/Jakarta')::date) - p_keep_days;
  partition record;
  dropped integer := 0;
  unread text;
  is_unread boolean;
begin
  for partition in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'outbox'::regclass and c.relname ~ '_[0-9]{8}$'
       and to_date(right(c.relname, 8), 'YYYYMMDD') < first_kept
  loop
    unread := format(
      'select exists (select from %I o, unread_outbox_v1(null) u where o.xid > u.place and o.xid < u.ahead)', partition.relname);
    execute unread into is_unread;
    continue when is_unread;
    -- Looked at again under the lock that dropping takes anyway: nobody adds an event in between.
    lock table only outbox in access exclusive mode;
    execute unread into is_unread;
    if not is_unread then
      execute format('drop table %I', partition.relname);
      dropped := dropped + 1;
    end if;
  end loop;
  delete from outbox_default where ctid = any (array(
    select d.ctid from outbox_default d, unread_outbox_v1(null) u
     where d.event_date < first_kept and not (d.xid > u.place and d.xid < u.ahead) limit 10000));
  return dropped;
end $$;
