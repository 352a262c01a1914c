-- The next events that a reader has not read, whole transactions at a time and in their order, as one row: up to which
-- transaction, how many, and of those that are wanted the events themselves. No row: another process is reading.
--
-- Events of partners who have no URL are counted and left alone. Each partition is asked by its index, so that what is read
-- costs nothing however much of it there is.
create or replace function read_outbox_v1(p_reader text, p_types text[], p_most integer)
returns table (up_to xid8, passed integer, events json)
language plpgsql set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  position xid8;
begin
  select r.read_up_to into position from outbox_readers r where r.reader = p_reader for update skip locked;
  if not found then return; end if;

  -- A database that was restored from a dump counts its transactions anew. What was unread then is written again, as of today.
  if position >= pg_snapshot_xmax(pg_current_snapshot()) then
    update outbox o set xid = pg_current_xact_id() where o.xid > position;
    position := '0';
    update outbox_readers r set read_up_to = position where r.reader = p_reader;
  end if;

  -- A crash of the server takes back the place with all that was made of what was read, and it is read again: no flush is needed.
  perform set_config('synchronous_commit', 'off', true);

  return query
  with batch as materialized (
    select o.xid, o.partner_id, o.event_date, o.reference_no, o.sequence,
           o.type = any (p_types) and exists (select from partner_urls u where u.partner_id = o.partner_id) as is_wanted
      from outbox o
     where o.xid > position and o.xid < pg_snapshot_xmin(pg_current_snapshot())
     order by o.xid fetch first p_most rows with ties
  )
  select max(b.xid), count(*)::integer, (
           select coalesce(json_agg(
             json_build_object('partnerId', w.partner_id, 'referenceNo', w.reference_no, 'sequence', w.sequence,
               'type', o.type, 'body', o.body, 'at', o.created_at)
             order by w.xid, w.partner_id, w.reference_no, w.sequence), '[]')
             from batch w join outbox o on o.partner_id = w.partner_id and o.event_date = w.event_date
              and o.reference_no = w.reference_no and o.sequence = w.sequence
            where w.is_wanted)
    from batch b;
end $$;

-- Where what is unread lies: after `place` and before `ahead`; of one reader, or of whichever has read least when none is named.
--
-- Events of a database that was restored from a dump may lie ahead of its new count of transactions. What was unread of them is
-- written again by the first look of the function above: those that lie ahead after it have been read. Before it nothing is known.
create or replace function unread_outbox_v1(p_reader text) returns table (place xid8, ahead xid8)
language sql as $$
  select r.place, case when r.place >= s.xmax then '18446744073709551615' else s.xmax end
    from (select min(read_up_to) as place from outbox_readers where reader = coalesce(p_reader, reader)) r,
         (select pg_snapshot_xmax(pg_current_snapshot()) as xmax) s;
$$;
