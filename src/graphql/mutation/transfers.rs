//! Taking trips along to another phone.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::Failure;
use crate::graphql::personal::Personal;
use crate::graphql::scalars::Instant;
use crate::graphql::user_error::{UserError, outcome};

/// Taking trips along to another phone.
#[derive(Default)]
pub struct TransfersMutation;

/// A code by which another visitor takes your trips over.
#[derive(SimpleObject)]
pub struct CreateTransferCodePayload {
    /// Twelve letters and digits in three groups, such as `7K3F-9QWX-2MHD`, to be typed on the other phone.
    code: String,
    /// When the code ends; ten minutes. It ends with its use too, and when you ask for another.
    expires_at: Instant,
}

/// A code that another phone shows.
#[derive(InputObject)]
pub struct RedeemTransferCodeInput {
    /// The code, in capital or small letters, with or without hyphens.
    code: String,
}

/// What became of a code.
#[derive(SimpleObject)]
pub struct RedeemTransferCodePayload {
    /// How many trips are yours now; null when none were moved.
    moved_trips: Option<u64>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

#[Object]
impl TransfersMutation {
    /// A code by which your trips move to another phone: show it here and redeem it there within ten minutes. It can be used once.
    #[graphql(directive = Cost::apply(1_000))]
    async fn create_transfer_code(&self, context: &Context<'_>) -> Result<Option<CreateTransferCodePayload>, Failure> {
        Personal::mark(context);
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        let created = asked.saved.create_transfer_code(owner, asked.now).await?;
        Ok(Some(CreateTransferCodePayload { code: created.code, expires_at: Instant(created.ends.into()) }))
    }

    /// Moves all trips of whoever made the code to you, with their links and idempotency keys; the links go on working. Where both of you
    /// together have more than 100 trips nothing is moved, and the code holds. Wrong codes are counted: `TOO_MANY_ATTEMPTS` comes after
    /// 10 tries in a quarter of an hour.
    #[graphql(directive = Cost::apply(2_000))]
    async fn redeem_transfer_code(
        &self,
        context: &Context<'_>,
        input: RedeemTransferCodeInput,
    ) -> Result<Option<RedeemTransferCodePayload>, Failure> {
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        asked.accounts.count_transfer(owner, asked.address, asked.now).await?;
        let redeemed = asked.saved.redeem_transfer_code(owner, &input.code, asked.now).await;
        let (moved_trips, user_errors) = outcome(redeemed.map_err(Into::into))?;
        Ok(Some(RedeemTransferCodePayload { moved_trips, user_errors }))
    }
}
