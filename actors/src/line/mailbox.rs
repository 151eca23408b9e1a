//! What a line is told from outside: its beginning, doorbells, news of its session, its end.

use super::{LineActor, Ring, Shutdown, Told};
use crate::{failpoint, lines::Doorbell, machine::Event};
use actix::{Actor, AsyncContext as _, Context, Handler, ResponseFuture};
use tokio::sync::oneshot;

impl Actor for LineActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let _at_work = self.at_work();
        ctx.set_mailbox_capacity(self.shared.limits.mailbox);
        failpoint::hit(failpoint::STARTED, self.fence.line);
        // Set once: the slot was made for this actor.
        let _ = self.guard.slot.addr.set(ctx.address());
        if let Some(facts) = self.start.take() {
            self.feed(Event::Started(facts), ctx);
        }
    }
}

impl Handler<Ring> for LineActor {
    type Result = ();

    fn handle(&mut self, Ring(bell): Ring, ctx: &mut Context<Self>) {
        let _at_work = self.at_work();
        match bell {
            Doorbell::Outbound => self.deliver(ctx),
            Doorbell::Command | Doorbell::Orders => self.look(ctx),
            Doorbell::Clock => self.woken(ctx),
        }
        self.schedule(ctx);
    }
}

impl Handler<Shutdown> for LineActor {
    type Result = ();

    fn handle(&mut self, how: Shutdown, ctx: &mut Context<Self>) {
        let _at_work = self.at_work();
        match how {
            Shutdown::Release if self.waits_for_outcomes() => {}
            Shutdown::Release => self.feed(Event::Released, ctx),
            Shutdown::Fenced => self.fenced(ctx),
        }
    }
}

impl Handler<Told> for LineActor {
    type Result = ResponseFuture<bool>;

    fn handle(&mut self, told: Told, ctx: &mut Context<Self>) -> ResponseFuture<bool> {
        let _at_work = self.at_work();
        failpoint::hit(failpoint::TOLD, self.fence.line);
        let (done, dealt_with) = oneshot::channel();
        self.told(told, done, ctx);
        // An actor that ends answers by going away.
        Box::pin(async move { dealt_with.await.is_ok() })
    }
}
