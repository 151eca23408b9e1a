//! The simulator as a service and a referee meet it: the real binary, over real sockets.

#[cfg(test)]
mod control;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod inbound;
#[cfg(test)]
mod pairing;
#[cfg(test)]
mod process;
#[cfg(test)]
mod sends;
#[cfg(test)]
mod support;
