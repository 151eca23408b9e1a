//! How long things of a line may take, in one place. The machine is given these; it names no duration of its own.

use chrono::TimeDelta;

/// The deadlines and pauses of a line. What the provider dates itself (codes, bans, limits) is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// From a permit to the provider's word; then a back-off step.
    pub connect: TimeDelta,
    /// From logged in to ready; then a back-off step.
    pub sync: TimeDelta,
    /// A session this silent is asked for a sign of life.
    pub ping: TimeDelta,
    /// And asked again this often, until one comes.
    pub ping_again: TimeDelta,
    /// A frame or keepalive answer must be this fresh. Shorter than the 60 s that are promised, so that what is
    /// noticed late is still noticed in time.
    pub frame_fresh: TimeDelta,
    /// No send may lack an acknowledgement this long, with no later one.
    pub ack_fresh: TimeDelta,
    /// From `degraded` to a reconnect.
    pub degraded: TimeDelta,
    /// A reply that is not acknowledged by then has an unknown fate.
    pub ack_deadline: TimeDelta,
    /// After a session is ready, receipts and echoes get this long before a reply of unknown fate is sent again.
    pub unknown_grace: TimeDelta,
    /// A reply of unknown fate holds those behind it up at most this long while its line is connected.
    pub unknown_blocks: TimeDelta,
    /// A rate limit whose end is not told.
    pub rate_limit: TimeDelta,
    /// A limit on new contacts whose end is not told.
    pub timelock: TimeDelta,
    /// The pause before the one retry of a replaced line.
    pub replaced_retry: TimeDelta,
    /// Cool-downs of a locked account; then an operator.
    pub lock_cool_downs: [TimeDelta; 3],
    /// Pauses before a line that was given up is tried again; the last one repeats.
    pub fail_retries: [TimeDelta; 3],
    /// A temporary ban whose end is not told.
    pub ban: TimeDelta,
    /// The end of a temporary ban is put off by up to this, so that a fleet does not come back at once.
    pub ban_spread: TimeDelta,
    /// Trouble that lasts this long is worth a person's look.
    pub notice: TimeDelta,
    /// The first step of the reconnect back-off.
    pub reconnect_first: TimeDelta,
    /// Its longest step.
    pub reconnect_longest: TimeDelta,
    /// The pause before a dead actor is started anew; doubles with each death.
    pub restart_first: TimeDelta,
    /// The longest of them.
    pub restart_longest: TimeDelta,
    /// A session that dies this soon after it was ready counts toward quarantine, unless the network is to blame.
    pub short_session: TimeDelta,
    /// A session this long makes earlier trouble forgotten.
    pub healthy: TimeDelta,
    /// The pause before an account that could not be unlinked is tried again; doubles with each try.
    pub unlink_first: TimeDelta,
    /// The longest of them.
    pub unlink_longest: TimeDelta,
    /// An account that could not be unlinked for so long is given up.
    pub unlink_give_up: TimeDelta,
}

impl Timings {
    /// As documented.
    pub const REAL: Self = Self {
        connect: TimeDelta::seconds(30),
        sync: TimeDelta::seconds(180),
        ping: TimeDelta::seconds(20),
        ping_again: TimeDelta::seconds(5),
        frame_fresh: TimeDelta::seconds(45),
        ack_fresh: TimeDelta::seconds(30),
        degraded: TimeDelta::seconds(60),
        ack_deadline: TimeDelta::seconds(20),
        unknown_grace: TimeDelta::seconds(15),
        unknown_blocks: TimeDelta::seconds(60),
        rate_limit: TimeDelta::seconds(60),
        timelock: TimeDelta::minutes(60),
        replaced_retry: TimeDelta::seconds(30),
        lock_cool_downs: [TimeDelta::minutes(5), TimeDelta::minutes(15), TimeDelta::minutes(60)],
        fail_retries: [TimeDelta::minutes(5), TimeDelta::minutes(15), TimeDelta::minutes(60)],
        ban: TimeDelta::hours(24),
        ban_spread: TimeDelta::minutes(2),
        notice: TimeDelta::minutes(3),
        reconnect_first: TimeDelta::seconds(1),
        reconnect_longest: TimeDelta::seconds(900),
        restart_first: TimeDelta::seconds(1),
        restart_longest: TimeDelta::seconds(300),
        short_session: TimeDelta::seconds(10),
        healthy: TimeDelta::seconds(600),
        unlink_first: TimeDelta::minutes(1),
        unlink_longest: TimeDelta::hours(6),
        unlink_give_up: TimeDelta::days(30),
    };

    /// All of it `speed` times shorter: rehearsals and tests that must not wait an hour for a cool-down.
    #[must_use]
    pub fn faster(speed: u32) -> Self {
        let by = i32::try_from(speed.max(1)).unwrap_or(i32::MAX);
        let Self {
            connect,
            sync,
            ping,
            ping_again,
            frame_fresh,
            ack_fresh,
            degraded,
            ack_deadline,
            unknown_grace,
            unknown_blocks,
            rate_limit,
            timelock,
            replaced_retry,
            lock_cool_downs,
            fail_retries,
            ban,
            ban_spread,
            notice,
            reconnect_first,
            reconnect_longest,
            restart_first,
            restart_longest,
            short_session,
            healthy,
            unlink_first,
            unlink_longest,
            unlink_give_up,
        } = Self::REAL;
        Self {
            connect: connect / by,
            sync: sync / by,
            ping: ping / by,
            ping_again: ping_again / by,
            frame_fresh: frame_fresh / by,
            ack_fresh: ack_fresh / by,
            degraded: degraded / by,
            ack_deadline: ack_deadline / by,
            unknown_grace: unknown_grace / by,
            unknown_blocks: unknown_blocks / by,
            rate_limit: rate_limit / by,
            timelock: timelock / by,
            replaced_retry: replaced_retry / by,
            lock_cool_downs: lock_cool_downs.map(|pause| pause / by),
            fail_retries: fail_retries.map(|pause| pause / by),
            ban: ban / by,
            ban_spread: ban_spread / by,
            notice: notice / by,
            reconnect_first: reconnect_first / by,
            reconnect_longest: reconnect_longest / by,
            restart_first: restart_first / by,
            restart_longest: restart_longest / by,
            short_session: short_session / by,
            healthy: healthy / by,
            unlink_first: unlink_first / by,
            unlink_longest: unlink_longest / by,
            unlink_give_up: unlink_give_up / by,
        }
    }
}

impl Default for Timings {
    fn default() -> Self {
        Self::REAL
    }
}
