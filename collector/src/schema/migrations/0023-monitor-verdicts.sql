-- Rewrites: nothing.
-- What is to be said of each monitor at a moment, over all locations: `SELECT … FROM tocsin_monitor_verdicts(at = now64(9))`. The rule MonitorDown, the
-- console and Grafana read this, so they cannot differ.
--
-- Every checker sends `tocsin.checker.blind`, the list of its monitors (`tocsin.monitor.interval`) and what it knows of them (`tocsin.monitor.up`)
-- with one timestamp, at the start, after a reload and every 30 s. Everything hangs on the newest lists, not on `at`: while the checkers are silent, what
-- is down stays down. Their hour is found first, along the primary key, so that the search may go back seven days at no cost. A location votes
-- until the others have told for five minutes without it (in more than ten slots of 30 s); after a time in which all were silent each has as long to
-- come back.
--
-- A location knows while its last attempt was no trouble of its own and no monitor that this one depends on explains what it found. Down is what more
-- than half of those that know say. On an even split, and where nobody knows, it stays what it was: the hour's votes are counted one after the other.
CREATE OR REPLACE VIEW tocsin_monitor_verdicts AS
WITH
    (
        SELECT toStartOfHour(TimeUnix) AS hour FROM otel_metrics_gauge
        WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.checker.blind'
          AND TimeUnix > {at:DateTime64(9)} - INTERVAL 7 DAY AND TimeUnix <= {at:DateTime64(9)}
        ORDER BY hour DESC LIMIT 1
    ) AS list_hour,
    (
        SELECT toStartOfHour(TimeUnix) AS hour FROM otel_metrics_gauge
        WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.checker.blind'
          AND TimeUnix > {at:DateTime64(9)} - INTERVAL 7 DAY AND TimeUnix < list_hour
        ORDER BY hour DESC LIMIT 1
    ) AS hour_before,
    -- Who votes, with their newest lists; since when these are; the newest of all; who is silent.
    (
        SELECT (live, least(newest_time - INTERVAL 5 MINUTE, arrayMin(arrayMap(list -> list.2, live))), newest_time,
            arrayMap(list -> list.1, arrayFilter(list -> NOT has(live, (list.1, list.2)), lists)))
        FROM
        (
            SELECT arraySort(groupArray((location, list_time, last_slot))) AS lists, max(list_time) AS newest_time, groupUniqArrayArray(slots) AS told_slots,
                arrayMap(list -> (list.1, list.2), arrayFilter(list -> arrayCount(slot -> slot > list.3, told_slots) <= 10, lists)) AS live
            FROM
            (
                SELECT ResourceAttributes['tocsin.location'] AS location, max(TimeUnix) AS list_time,
                    groupUniqArray(intDiv(toUnixTimestamp(TimeUnix), 30)) AS slots, arrayMax(slots) AS last_slot
                FROM otel_metrics_gauge
                WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.checker.blind'
                  AND TimeUnix >= ifNull(hour_before, list_hour) - INTERVAL 10 MINUTE AND TimeUnix <= {at:DateTime64(9)}
                GROUP BY location
            )
        )
    ) AS lists,
    -- What the locations say of each monitor, as a scalar, for a scalar is worked out once: its name (1), kind, target and interval (4), when it was first said
    -- to be down (5), how many say that it is in maintenance (6), that another explains it (7), that it is degraded or down (8), down (9), anything (10),
    -- knew it to be down (11), the monitor that explains it (12), each location (13).
    (
        SELECT groupArray((monitor, kind, target, interval_s, down_time, maintained, explained, worse, downs, voices, was_downs, cause, locations))
        FROM
        (
            SELECT monitor, any(kind) AS kind, any(target) AS target, max(interval_s) AS interval_s, minIf(down_time, down_time > toDateTime64(0, 9)) AS down_time,
                countIf(muted_by = 'maintenance') AS maintained, countIf(is_explained) AS explained, countIf(vote = 2 OR (vote = 1 AND state = 'degraded')) AS worse,
                countIf(vote = 2) AS downs, countIf(vote > 0) AS voices, countIf(NOT is_explained AND state != '' AND up = 0) AS was_downs, max(suppressed_by) AS cause,
                arraySort(groupArray((location, state, vote, muted_by, suppressed_by, told_time, list_time))) AS locations
            FROM
            (
                SELECT location, monitor, kind, target, interval_s, list_time, if(is_told, last.1, 1) AS up, if(is_told, last.2, '') AS state,
                    if(is_told, last.3, '') AS muted_by, if(is_told, last.4, '') AS suppressed_by, if(is_told, told_at, list_time) AS told_time,
                    if(is_told, first_down, toDateTime64(0, 9)) AS down_time, muted_by = 'dependency' OR suppressed_by != '' AS is_explained,
                    toUInt8(multiIf(is_explained OR state IN ('', 'unknown'), 0, up = 0, 2, 1)) AS vote,
                    -- Every list has every state: one from before it is of a monitor that was out of the list.
                    told_at >= list_time AS is_told
                FROM
                (
                    WITH lists AS times
                    SELECT ResourceAttributes['tocsin.location'] AS location, Attributes['tocsin.monitor.name'] AS monitor,
                        any(Attributes['tocsin.monitor.kind']) AS kind, any(Attributes['tocsin.monitor.target']) AS target,
                        max(Value) AS interval_s, max(TimeUnix) AS list_time
                    FROM otel_metrics_gauge
                    WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.monitor.interval'
                      AND TimeUnix >= times.2 AND TimeUnix <= {at:DateTime64(9)} AND has(times.1, (ResourceAttributes['tocsin.location'], TimeUnix))
                    GROUP BY location, monitor
                ) AS listed
                LEFT JOIN
                (
                    WITH lists AS times
                    SELECT ResourceAttributes['tocsin.location'] AS location, Attributes['tocsin.monitor.name'] AS monitor, max(TimeUnix) AS told_at,
                        minIf(TimeUnix, Value = 0) AS first_down,
                        argMax((Value, Attributes['tocsin.monitor.state'], Attributes['tocsin.monitor.muted_by'], Attributes['tocsin.monitor.suppressed_by']), TimeUnix) AS last
                    FROM otel_metrics_gauge
                    WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.monitor.up'
                      AND TimeUnix >= times.2 AND TimeUnix <= {at:DateTime64(9)}
                    GROUP BY location, monitor
                ) AS states USING (location, monitor)
            )
            GROUP BY monitor
        )
    ) AS told,
    (SELECT arrayMap(one -> one.1, arrayFilter(one -> (one.9 > 0 AND one.9 * 2 = one.10) OR (one.10 = 0 AND one.11 > 0), told))) AS undecided,
    -- The votes of the hour: 1 up, 2 down, 3 does not know but knew it to be down, 4 in maintenance, which mutes all, 5 nothing. It begins with what those said
    -- who came within two minutes, be it what they knew last, unless somebody is silent by now.
    (
        SELECT groupArray(monitor)
        FROM
        (
            SELECT monitor, arraySort(groupArray((told_at, location, vote, was))) AS votes, arraySort(groupUniqArray(location)) AS places,
                arrayMap(place -> arrayFirst(one -> one.2 = place, votes), places) AS firsts,
                arrayMap(one -> if(one.1 <= votes[1].1 + INTERVAL 2 MINUTE, one.3, toUInt8(5)), firsts) AS begun,
                arrayMap(one -> if(one.1 <= votes[1].1 + INTERVAL 2 MINUTE, one.4, toUInt8(5)), firsts) AS begun_was,
                toUInt8(multiIf(has(begun, 4), 1, has(begun, 1) OR has(begun, 2), 1 + (countEqual(begun, 2) > countEqual(begun, 1)),
                    empty(lists.4), 1 + (countEqual(begun_was, 2) > countEqual(begun_was, 1)), 1)) AS begin
            FROM
            (
                WITH lists AS times, undecided AS names
                SELECT Attributes['tocsin.monitor.name'] AS monitor, ResourceAttributes['tocsin.location'] AS location, TimeUnix AS told_at,
                    toUInt8(multiIf(Attributes['tocsin.monitor.muted_by'] = 'dependency' OR Attributes['tocsin.monitor.suppressed_by'] != '', 5, Value = 0, 2, 1)) AS was,
                    toUInt8(multiIf(Attributes['tocsin.monitor.muted_by'] = 'maintenance', 4, Attributes['tocsin.monitor.state'] != 'unknown', was, was = 2, 3, 5)) AS vote
                FROM otel_metrics_gauge
                WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.monitor.up' AND notEmpty(names)
                  AND TimeUnix > times.3 - INTERVAL 1 HOUR AND TimeUnix <= {at:DateTime64(9)} AND has(names, monitor)
            )
            GROUP BY monitor
        )
        -- The state of the fold: the votes, how many slots of 30 s the others have told in without each place, the slot, and the verdict.
        WHERE arrayFold((past, vote) -> (
                arrayMap((old, place, without) -> multiIf(place = vote.2, vote.3, without > 10, toUInt8(5), old), past.1, places,
                    arrayMap((count, place) -> toUInt16(if(place = vote.2, 0, count + (past.3 != intDiv(toUnixTimestamp(vote.1), 30)))), past.2, places) AS absences) AS standing,
                absences,
                toUInt32(intDiv(toUnixTimestamp(vote.1), 30)),
                toUInt8(multiIf(has(standing, 4), 1, countEqual(standing, 2) > countEqual(standing, 1), 2, countEqual(standing, 2) < countEqual(standing, 1), 1,
                    has(standing, 2) OR has(standing, 3), past.4, 1))),
            votes, (begun, arrayMap(place -> toUInt16(0), places), toUInt32(0), begin)).4 = 2
    ) AS stays_down
SELECT
    one.1 AS MonitorName,
    one.2 AS MonitorKind,
    one.3 AS Target,
    one.4 AS IntervalS,
    -- Where only explained failures are known it is down, and muted.
    one.9 * 2 > one.10 OR is_still_down AS IsConfirmed,
    multiIf(
        IsConfirmed OR (one.10 = 0 AND one.7 > 0), 'down',
        one.10 = 0 OR newest_time <= {at:DateTime64(9)} - INTERVAL 2 MINUTE, 'unknown',
        one.8 * 2 >= one.10, 'degraded',
        'up') AS State,
    multiIf(one.6 > 0, 'maintenance', State = 'down' AND NOT IsConfirmed, 'dependency', '') AS MutedBy,
    if(MutedBy = 'dependency', one.12, '') AS SuppressedBy,
    -- When it was first said to be down, within the last five minutes.
    one.5 AS DownTime,
    newest_time AS ListTime,
    arrayMap(told -> told.1, arrayFilter(told -> told.3 = 2 OR (one.10 = 0 AND told.2 = 'down'), one.13)) AS DownAt,
    arrayMap(told -> told.1, arrayFilter(told -> told.3 = 1, one.13)) AS UpAt,
    arrayMap(told -> told.1, arrayFilter(told -> told.2 IN ('', 'unknown'), one.13)) AS UnknownAt,
    silent AS SilentAt,
    -- Vote: 0 it does not know or another monitor explains it, 1 up, 2 down.
    CAST(one.13, 'Array(Tuple(Location String, State String, Vote UInt8, MutedBy String, SuppressedBy String, ToldTime DateTime64(9), ListTime DateTime64(9)))') AS Locations
FROM
(
    SELECT one, has(stays_down, one.1) AS is_still_down, times.3 AS newest_time, times.4 AS silent
    FROM (SELECT arrayJoin(told) AS one, lists AS times)
);
