//! Coming in with an account, and what proves it.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::session::SessionPayload;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::Failure;
use crate::graphql::personal::Personal;
use crate::graphql::user_error::{Refusal, UserError, outcome};
use crate::identity::invitation::Acceptance;
use crate::identity::sign_in::{Reproof, Shown};
use crate::identity::sign_in_with::SentBack;

/// Coming in with an account, and what proves it.
#[derive(Default)]
pub struct SignInMutation;

/// What proves an account.
#[derive(InputObject)]
pub struct SignInInput {
    /// E-mail address.
    email: String,
    /// Password.
    password: String,
    /// Code of the authenticator app, six digits, where one is asked for.
    code: Option<String>,
}

/// A session of an account, or why there is none.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// The tokens. The refresh token holds for 30 days without use, and 180 at all.
    session: Option<SessionPayload>,
    /// `WRONG_CREDENTIALS` whatever the reason; `CODE_REQUIRED` and `WRONG_CODE` only after the right password, or when the provider
    /// vouched.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// Somebody who accepts an invitation.
#[derive(InputObject)]
pub struct AcceptInvitationInput {
    /// The code that whoever invited you passed on.
    code: String,
    /// Your password to be, from 12 to 200 characters, and not the e-mail address.
    password: String,
}

/// A session of an account that accepted an invitation, or why there is none.
#[derive(SimpleObject)]
pub struct AcceptInvitationPayload {
    /// The tokens, as of `signIn`.
    session: Option<SessionPayload>,
    /// `INVITATION_REFUSED` whatever the reason: never made, accepted, replaced by another, older than 72 hours, or its inviter may not
    /// make it any more.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// What a provider sent the browser back with.
#[derive(InputObject)]
pub struct CompleteSignInWithInput {
    /// The ticket that came with the beginning.
    ticket: String,
    /// `state` of the address the provider sent the browser back to.
    state: String,
    /// `code` of that address.
    code: String,
    /// Code of the authenticator app, six digits, where `CODE_REQUIRED` asks for one: send it with the same ticket, `state` and `code`,
    /// within the ten minutes of the ticket.
    totp_code: Option<String>,
}

/// A sign-in that was begun at a provider.
#[derive(SimpleObject)]
pub struct BeginSignInWithPayload {
    /// Where to send the browser.
    authorization_url: Option<String>,
    /// To be kept where other sites cannot read it (`sessionStorage`) and handed over with what the provider sends back; good once, for
    /// ten minutes. While `completeSignInWith` asks for a code of the authenticator app it stays good.
    ticket: Option<String>,
    /// What the caller can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// A session that was ended.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Whether it had not ended before.
    signed_out: bool,
}

/// Another password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password in force.
    old_password: String,
    /// The one to be, from 12 to 200 characters, and not the e-mail address.
    new_password: String,
    /// Code of the authenticator app, where one is asked for.
    code: Option<String>,
}

/// What proves that the second factor may go.
#[derive(InputObject)]
pub struct DisableTotpInput {
    /// The password.
    password: String,
    /// Code of the authenticator app.
    code: String,
}

/// Whether something was changed.
#[derive(SimpleObject)]
pub struct CredentialPayload {
    /// Whether it was.
    changed: bool,
    /// What the caller can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// A second factor that was begun.
#[derive(SimpleObject)]
pub struct BeginTotpPayload {
    /// The secret in base32, to be typed into an authenticator app; shown this once.
    secret: Option<String>,
    /// The same as `otpauth://totp/…`, to be shown as a QR code.
    url: Option<String>,
    /// What the caller can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

fn credentials(changed: Result<(), impl Into<Refusal>>) -> Result<CredentialPayload, Failure> {
    let (changed, user_errors) = outcome(changed.map_err(Into::into))?;
    Ok(CredentialPayload { changed: changed.is_some(), user_errors })
}

#[Object]
impl SignInMutation {
    /// Signs in with an account. In a quarter of an hour an address may be tried 10 times from one place, and 50 times from places it
    /// never signed in from; beyond, `TOO_MANY_ATTEMPTS` says when to come back.
    #[graphql(directive = Cost::apply(5_000))]
    async fn sign_in(&self, context: &Context<'_>, input: SignInInput) -> Result<Option<SignInPayload>, Failure> {
        Personal::mark(context);
        let asked = context::of(context);
        let shown = Shown { email: &input.email, password: &input.password, code: input.code.as_deref(), place: asked.address };
        let signed = asked.accounts.sign_in(shown, asked.now).await;
        let (session, user_errors) = outcome(signed.map_err(Refusal::from))?;
        Ok(Some(SignInPayload { session: session.map(Into::into), user_errors }))
    }

    /// Accepts an invitation, once: sets the password of the account, which has no second factor then and no other session, and signs in.
    #[graphql(directive = Cost::apply(5_000))]
    async fn accept_invitation(
        &self,
        context: &Context<'_>,
        input: AcceptInvitationInput,
    ) -> Result<Option<AcceptInvitationPayload>, Failure> {
        Personal::mark(context);
        let asked = context::of(context);
        let accepted = Acceptance { code: &input.code, password: &input.password, place: asked.address };
        let signed = asked.accounts.accept_invitation(accepted, asked.now).await;
        let (session, user_errors) = outcome(signed.map_err(Refusal::from))?;
        Ok(Some(AcceptInvitationPayload { session: session.map(Into::into), user_errors }))
    }

    /// Begins a sign-in at an OpenID provider, by its name in `signInProviders`: send the browser to the address, keep the ticket.
    #[graphql(directive = Cost::apply(2_000))]
    async fn begin_sign_in_with(&self, context: &Context<'_>, provider: String) -> Result<Option<BeginSignInWithPayload>, Failure> {
        Personal::mark(context);
        let asked = context::of(context);
        let begun = asked.accounts.begin_sign_in_with(&provider, asked.address, asked.now).await;
        let (begun, user_errors) = outcome(begun.map_err(Refusal::from))?;
        let (authorization_url, ticket) = begun.map(|begun| (begun.url, begun.ticket)).unzip();
        Ok(Some(BeginSignInWithPayload { authorization_url, ticket, user_errors }))
    }

    /// Completes a sign-in at an OpenID provider. The first time the provider must have verified the e-mail address of an account here;
    /// afterwards the two are joined, whatever the address. Of an account with a second factor a code is asked for here too
    /// (`CODE_REQUIRED`), unless the provider says that it asked for a second factor itself: by `amr` in its ID token (RFC 8176), which
    /// has `mfa`, or ways of two kinds of what one knows, has and is, such as `pwd` and `otp`. Tries are counted together with those of
    /// `signIn`.
    #[graphql(directive = Cost::apply(2_000))]
    async fn complete_sign_in_with(&self, context: &Context<'_>, input: CompleteSignInWithInput) -> Result<Option<SignInPayload>, Failure> {
        Personal::mark(context);
        let asked = context::of(context);
        let sent = SentBack {
            ticket: &input.ticket,
            state: &input.state,
            code: &input.code,
            totp_code: input.totp_code.as_deref(),
            place: asked.address,
        };
        let signed = asked.accounts.complete_sign_in_with(sent, asked.now).await;
        let (session, user_errors) = outcome(signed.map_err(Refusal::of_provider))?;
        Ok(Some(SignInPayload { session: session.map(Into::into), user_errors }))
    }

    /// Ends the session of the access token that is shown, at once and everywhere: neither token opens anything any more, and WebSockets
    /// and event streams of the session are closed.
    #[graphql(directive = Cost::apply(1_000))]
    async fn sign_out(&self, context: &Context<'_>) -> Result<Option<SignOutPayload>, Failure> {
        let (account, asked) = (context::grants(context).await?.account(), context::of(context));
        let signed_out = match asked.session {
            Some(session) => asked.accounts.sign_out(account, session, asked.now).await?,
            None => false,
        };
        Ok(Some(SignOutPayload { signed_out }))
    }

    /// Changes your password. All your other sessions end, at once and everywhere. Tries are counted together with those of `signIn`.
    #[graphql(directive = Cost::apply(10_000))]
    async fn change_password(&self, context: &Context<'_>, input: ChangePasswordInput) -> Result<Option<CredentialPayload>, Failure> {
        let (account, asked) = (context::grants(context).await?.account(), context::of(context));
        let shown = Reproof { account, password: &input.old_password, code: input.code.as_deref(), place: asked.address };
        credentials(asked.accounts.change_password(shown, &input.new_password, asked.session, asked.now).await).map(Some)
    }

    /// Begins a second factor (TOTP, RFC 6238). It is asked for once `confirmTotp` has shown that it works. `password` is your password,
    /// when you have one. Tries are counted together with those of `signIn`.
    #[graphql(directive = Cost::apply(1_000))]
    async fn begin_totp(&self, context: &Context<'_>, password: Option<String>) -> Result<Option<BeginTotpPayload>, Failure> {
        let (account, asked) = (context::grants(context).await?.account(), context::of(context));
        let shown = Reproof { account, password: password.as_deref().unwrap_or_default(), code: None, place: asked.address };
        let begun = asked.accounts.begin_totp(shown, asked.now).await;
        let (begun, user_errors) = outcome(begun.map_err(Refusal::from))?;
        let (secret, url) = begun.map(|begun| (begun.secret, begun.url)).unzip();
        Ok(Some(BeginTotpPayload { secret, url, user_errors }))
    }

    /// Has a code of the authenticator app asked for from now on, because this one shows that it works. Tries are counted together with
    /// those of `signIn`.
    #[graphql(directive = Cost::apply(1_000))]
    async fn confirm_totp(&self, context: &Context<'_>, code: String) -> Result<Option<CredentialPayload>, Failure> {
        let (account, asked) = (context::grants(context).await?.account(), context::of(context));
        credentials(asked.accounts.confirm_totp(account, &code, asked.address, asked.now).await).map(Some)
    }

    /// Asks for no code any more. Who lost the app asks an operator for `roteiro user reset`. Tries are counted together with those of
    /// `signIn`.
    #[graphql(directive = Cost::apply(5_000))]
    async fn disable_totp(&self, context: &Context<'_>, input: DisableTotpInput) -> Result<Option<CredentialPayload>, Failure> {
        let (account, asked) = (context::grants(context).await?.account(), context::of(context));
        let shown = Reproof { account, password: &input.password, code: Some(&input.code), place: asked.address };
        credentials(asked.accounts.disable_totp(shown, asked.now).await).map(Some)
    }
}
