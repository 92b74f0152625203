-- Rewrites: nothing.
-- What is to be said of each monitor at a moment, over all locations: `SELECT … FROM tocsin_monitor_verdicts(at = now64(9))`, as 0025 made it, and of a checker
-- whose clock was set back nothing that it had dated into the future. The rule MonitorDown, the console and Grafana read this, so they cannot differ.
--
-- What a checker tells has its order as its start time: the time at which it was told, but always later than what was told before, also while the clock shows
-- less than it did. So the newest is what has the highest order; and a list whose order lies ahead of its time takes back what has a later time and a lower order.
-- (Only where it lies ahead by more than a second: of two within a millisecond the second has the next.)
--
-- Every checker sends `tocsin.checker.blind`, the list of its monitors (`tocsin.monitor.interval`) and what it knows of them (`tocsin.monitor.up`)
-- with one timestamp, at the start, after a reload and every 30 s. Everything hangs on the newest lists, not on `at`: while the checkers are silent, what
-- is down stays down. The last two hours with a list are found first, along the primary key, so that the search may go back seven days at no cost. A location
-- votes until the others have told for five minutes without it (in more than ten slots of 30 s); after a time in which all were silent each has as long to
-- come back.
--
-- A location knows while its last attempt was no trouble of its own and no monitor that this one depends on explains what it found. Down is what more
-- than half of those that know say. On an even split, and where nobody knows, it stays what it was: the changes of the hour's votes are counted one after the other.
--
-- A vote is one number, so that it sorts and counts fast: the microsecond of the hour, then 10 bits for the location, 3 for what it knew last, 3 for what it says: 1 up,
-- 2 down, 3 does not know but knew it to be down, 4 in maintenance, which mutes all, 5 nothing, 6 fell silent, 7 that has to be counted.
CREATE OR REPLACE VIEW tocsin_monitor_verdicts AS
WITH
    (
        SELECT min(hour)
        FROM
        (
            SELECT DISTINCT toStartOfHour(TimeUnix) AS hour FROM otel_metrics_gauge
            WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.checker.blind'
              AND TimeUnix > {at:DateTime64(9)} - INTERVAL 7 DAY AND TimeUnix <= {at:DateTime64(9)}
            ORDER BY hour DESC LIMIT 2
        )
    ) AS first_hour,
    -- Who votes, with their newest lists (1); since when these are (2); the newest of all (3); who is silent (4); all locations (5); when each fell silent, as votes (6),
    -- which lists take something back, with time and order in microseconds (7).
    (
        SELECT (live, least(newest_time - INTERVAL 5 MINUTE, arrayMin(arrayMap(list -> list.2, live))), newest_time,
            arrayMap(list -> list.1, arrayFilter(list -> list.4[-1] != 0, lists)), arrayMap(list -> list.1, lists),
            arrayFlatten(arrayMap((list, place) -> arrayMap(fall -> [bitShiftLeft(toUInt64(fall - begin - 1), 16) + place * 64 + 6, bitShiftLeft(toUInt64(fall - begin + 1), 16) + place * 64 + 7],
                arrayFilter((fall, next) -> fall > begin AND (next = 0 OR next > fall), list.4, arrayPopFront(arrayPushBack(list.3, 0)))), lists, arrayEnumerate(lists))),
            arrayFlatten(arrayMap(list -> arrayMap(back -> (list.1, back.1, back.2), list.5), lists)))
        FROM
        (
            SELECT lists, newest_time, toUnixTimestamp64Micro(newest_time) - 3600000000 AS begin, arrayMap(list -> (list.1, list.2), arrayFilter(list -> list.4[-1] = 0, lists)) AS live
            FROM
            (
                SELECT newest_time, arrayMap(list -> (list.1, list.2, list.3,
                    arrayMap(time -> firsts[indexOf(arrayMap(first -> intDiv(first, 30000000), firsts), intDiv(time, 30000000)) + 11], list.3), list.4), told) AS lists
                FROM
                (
                    SELECT told, newest_time, arrayFilter((time, before) -> intDiv(time, 30000000) != intDiv(before, 30000000), times, arrayPopBack(arrayPushFront(times, 0))) AS firsts
                    FROM
                    (
                        SELECT arraySort(groupArray((location, list_time, own_times, backs))) AS told, max(list_time) AS newest_time, arraySort(groupArrayArray(own_times)) AS times
                        FROM
                        (
                            SELECT ResourceAttributes['tocsin.location'] AS location, argMax(TimeUnix, greatest(StartTimeUnix, TimeUnix)) AS list_time,
                                arraySort(groupUniqArray((toUnixTimestamp64Micro(TimeUnix), toUnixTimestamp64Micro(greatest(StartTimeUnix, TimeUnix))))) AS lists_told,
                                arrayFilter(list -> list.2 > list.1 + 1000000, lists_told) AS backs,
                                arrayMap(list -> list.1, if(empty(backs), lists_told, arrayFilter(list -> NOT arrayExists(back -> back.1 <= list.1 AND list.2 < back.2, backs), lists_told))) AS own_times
                            FROM otel_metrics_gauge
                            WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.checker.blind'
                              AND TimeUnix >= first_hour - INTERVAL 10 MINUTE AND TimeUnix <= {at:DateTime64(9)}
                            GROUP BY location
                        )
                    )
                )
            )
        )
    ) AS lists,
    -- The lists (1), and what the locations say of each monitor (2), as a scalar, for a scalar is worked out once (but analysed wherever it is named, and whatever it names
    -- again, so that what was worked out is handed on inside the next): its name (1), kind, target and interval (4), when it was first said
    -- to be down (5), how many say that it is in maintenance (6), that another explains it (7), that it is degraded or down (8), down (9), anything (10),
    -- knew it to be down (11), the monitor that explains it (12), each location (13).
    (
        SELECT (any(times), groupArray((monitor, kind, target, interval_s, down_time, maintained, explained, worse, downs, voices, was_downs, cause, locations)))
        FROM
        (
            SELECT monitor, any(times_of) AS times, any(kind) AS kind, any(target) AS target, max(interval_s) AS interval_s, minIf(down_time, down_time > toDateTime64(0, 9)) AS down_time,
                countIf(muted_by = 'maintenance') AS maintained, countIf(is_explained) AS explained, countIf(vote = 2 OR (vote = 1 AND state = 'degraded')) AS worse,
                countIf(vote = 2) AS downs, countIf(vote > 0) AS voices, countIf(NOT is_explained AND state != '' AND up = 0) AS was_downs, max(suppressed_by) AS cause,
                arraySort(groupArray((location, state, vote, muted_by, suppressed_by, told_time, list_time))) AS locations
            FROM
            (
                SELECT location, monitor, times_of, kind, target, interval_s, list_time, if(is_told, last.1, 1) AS up, if(is_told, last.2, '') AS state,
                    if(is_told, last.3, '') AS muted_by, if(is_told, last.4, '') AS suppressed_by, if(is_told, told_at, list_time) AS told_time,
                    if(is_told, first_down, toDateTime64(0, 9)) AS down_time, muted_by = 'dependency' OR suppressed_by != '' AS is_explained,
                    toUInt8(multiIf(is_explained OR state IN ('', 'unknown'), 0, up = 0, 2, 1)) AS vote,
                    -- Every list has every state: one from before it is of a monitor that was out of the list.
                    told_at >= list_time AS is_told
                FROM
                (
                    WITH lists AS times, MetricName = 'tocsin.monitor.up' AS is_state, greatest(StartTimeUnix, TimeUnix) AS told_order,
                        MetricName = 'tocsin.monitor.interval' AND has(times.1, (ResourceAttributes['tocsin.location'], TimeUnix)) AS is_listed
                    SELECT ResourceAttributes['tocsin.location'] AS location, Attributes['tocsin.monitor.name'] AS monitor, any(times) AS times_of,
                        anyIf(Attributes['tocsin.monitor.kind'], is_listed) AS kind, anyIf(Attributes['tocsin.monitor.target'], is_listed) AS target,
                        maxIf(Value, is_listed) AS interval_s, maxIf(TimeUnix, is_listed) AS list_time, argMaxIf(TimeUnix, told_order, is_state) AS told_at,
                        minIf(TimeUnix, is_state AND Value = 0) AS first_down,
                        argMaxIf((Value, Attributes['tocsin.monitor.state'], Attributes['tocsin.monitor.muted_by'], Attributes['tocsin.monitor.suppressed_by']), told_order, is_state) AS last
                    FROM otel_metrics_gauge
                    WHERE ServiceName = 'tocsin-checker' AND MetricName IN ('tocsin.monitor.interval', 'tocsin.monitor.up')
                      AND TimeUnix >= times.2 AND TimeUnix <= {at:DateTime64(9)}
                    GROUP BY location, monitor HAVING countIf(is_listed) > 0
                )
            )
            GROUP BY monitor
        )
    ) AS told,
    (SELECT (known.1, arrayMap(one -> one.1, arrayFilter(one -> (one.9 > 0 AND one.9 * 2 = one.10) OR (one.10 = 0 AND one.11 > 0), known.2))) FROM (SELECT told AS known)) AS undecided,
    -- Of those that are undecided, or of all where these are many, who stays down, by hash. It begins with what those said who came within two minutes, be it what
    -- they knew last, unless somebody is silent by now.
    (
        SELECT groupArray(cityHash64(monitor))
        FROM
        (
            SELECT monitor, votes, places, begun, toUInt8(multiIf(has(begun, 4), 1, has(begun, 1) OR has(begun, 2), 1 + (countEqual(begun, 2) > countEqual(begun, 1)),
                is_nobody_silent, 1 + (countEqual(begun_was, 2) > countEqual(begun_was, 1)), 1)) AS begin
            FROM
            (
                SELECT monitor, votes, places, is_nobody_silent,
                    arrayMap((vote, early) -> toUInt8(if(early, bitAnd(vote, 7), 5)), firsts, is_early) AS begun,
                    arrayMap((vote, early) -> toUInt8(if(early, bitAnd(bitShiftRight(vote, 3), 7), 5)), firsts, is_early) AS begun_was
                FROM
                (
                    SELECT monitor, votes, places, is_nobody_silent, arrayResize(found_firsts, length(places)) AS firsts,
                        arrayMap(vote -> vote > 0 AND bitShiftRight(vote, 16) <= bitShiftRight(first_vote, 16) + 120000000, firsts) AS is_early
                    FROM
                    (
                        SELECT monitor, arraySort(groupArrayArray(changes)) AS votes, range(1, max(locations) + 1) AS places, max(is_nobody_silent) AS is_nobody_silent,
                            groupArrayInsertAt(toUInt64(0))(first, toUInt32(place - 1)) AS found_firsts, min(first) AS first_vote
                        FROM
                        (
                            SELECT monitor, place, locations, is_nobody_silent, first,
                                arrayFilter((vote, before) -> bitAnd(vote, 7) != bitAnd(before, 7), all_votes, arrayPopBack(arrayPushFront(all_votes, toUInt64(0)))) AS changes
                            FROM
                            (
                                SELECT monitor, place, max(locations) AS locations, max(is_nobody_silent) AS is_nobody_silent, min(vote) AS first,
                                    arraySort(arrayConcat(groupArray(vote), arrayFilter(fall -> bitAnd(bitShiftRight(fall, 6), 1023) = place, any(falls)))) AS all_votes
                                FROM
                                (
                                    WITH undecided AS open, open.1 AS times, open.2 AS names
                                    SELECT Attributes['tocsin.monitor.name'] AS monitor, indexOf(times.5, ResourceAttributes['tocsin.location']) AS place,
                                        length(times.5) AS locations, empty(times.4) AS is_nobody_silent, times.6 AS falls,
                                        toUInt8(multiIf(Attributes['tocsin.monitor.muted_by'] = 'dependency' OR Attributes['tocsin.monitor.suppressed_by'] != '', 5, Value = 0, 2, 1)) AS was,
                                        toUInt64(bitShiftLeft(toUInt64(toUnixTimestamp64Micro(TimeUnix) - toUnixTimestamp64Micro(times.3) + 3600000000), 16) + place * 64 + was * 8
                                            + multiIf(Attributes['tocsin.monitor.muted_by'] = 'maintenance', 4, Attributes['tocsin.monitor.state'] != 'unknown', was, was = 2, 3, 5)) AS vote
                                    FROM otel_metrics_gauge
                                    WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.monitor.up' AND notEmpty(names)
                                      AND TimeUnix > times.3 - INTERVAL 1 HOUR AND TimeUnix <= {at:DateTime64(9)} AND (length(names) > 50 OR has(names, monitor))
                                      AND (empty(open.1.7) OR NOT arrayExists(back -> back.1 = ResourceAttributes['tocsin.location'] AND back.2 <= toUnixTimestamp64Micro(TimeUnix)
                                        AND toUnixTimestamp64Micro(greatest(StartTimeUnix, TimeUnix)) < back.3, open.1.7))
                                )
                                GROUP BY monitor, place
                            )
                        )
                        GROUP BY monitor
                    )
                )
            )
        )
        -- The state of the fold: what each location says, and the verdict.
        WHERE arrayFold((past, vote) -> (
                arrayMap((old, place) -> if(place = bitAnd(bitShiftRight(vote, 6), 1023) AND bitAnd(vote, 7) != 7, toUInt8(least(5, bitAnd(vote, 7))), old), past.1, places) AS standing,
                toUInt8(multiIf(bitAnd(vote, 7) = 6, past.2, has(standing, 4), 1, countEqual(standing, 2) > countEqual(standing, 1), 2,
                    countEqual(standing, 2) < countEqual(standing, 1), 1, has(standing, 2) OR has(standing, 3), past.2, 1))),
            votes, (begun, begin)).2 = 2
    ) AS stays_down
SELECT
    one.1 AS MonitorName,
    one.2 AS MonitorKind,
    one.3 AS Target,
    one.4 AS IntervalS,
    -- Where only explained failures are known it is down, and muted.
    one.9 * 2 > one.10 OR (is_still_down AND ((one.9 > 0 AND one.9 * 2 = one.10) OR (one.10 = 0 AND one.11 > 0))) AS IsConfirmed,
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
    SELECT one, has(stays_down, cityHash64(one.1)) AS is_still_down, times.3 AS newest_time, times.4 AS silent
    FROM (SELECT arrayJoin(known.2) AS one, known.1 AS times FROM (SELECT told AS known))
);
