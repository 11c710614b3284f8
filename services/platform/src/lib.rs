//! Platform: organisations, their companies and where their records lie; change sets and jobs.

mod answers;
pub mod change_set;
mod command;
pub mod company;
mod create_org;
mod events;
pub mod favourite;
mod health;
pub mod import;
pub mod job;
pub mod jobs;
pub mod log;
pub mod org;
pub mod preference;
pub mod roles;
pub mod samples;
pub mod saved_view;

pub use change_set::ChangeSet;
pub use company::Company;
use contracts::platform::{
    BeginImport, CloseChangeSet, Companies, CreateOrg, EndImport, Enqueue, FindOrg, HoldImport,
    KeepUpload, OpenChangeSet, Orgs, ReportImport, StartImport, Undo,
};
use contracts::upkeep::{
    EventsOf, FillSamples, HealthOf, LogsOf, RemoveSamples, SamplesOf, VerifyLogs,
};
use contracts::{Contract, handler};
pub use favourite::Favourite;
pub use import::Import;
pub use job::Job;
use kernel::Service;
pub use org::Org;
pub use preference::Preference;
pub use saved_view::SavedView;

/// The service: its entities, checks in the order they run, and what it answers to others.
pub fn service() -> Service {
    Service::new("platform")
        .entity::<Org>()
        .entity::<Company>()
        .entity::<ChangeSet>()
        .entity::<Job>()
        .entity::<Import>()
        .entity::<SavedView>()
        .entity::<Favourite>()
        .entity::<Preference>()
        .linkable::<Org>(answers::itself)
        .check::<Org>(org::rules::slug)
        .check::<Company>(company::rules::country)
        .check::<Company>(company::rules::currency)
        .check::<Company>(company::rules::time_zone)
        .act::<ChangeSet>("close", change_set::close::close_act)
        .act::<ChangeSet>("undo", change_set::undo::act)
        .act::<ChangeSet>("finish_undo", change_set::undo::finish_act)
        .act::<ChangeSet>("redo", change_set::undo::redo_act)
        .prepare::<Job>(job::acts::made_by_platform)
        .act::<Job>("lease", job::acts::lease)
        .act::<Job>("report", job::acts::report)
        .act::<Job>("postpone", job::acts::postpone)
        .act::<Job>("finish", job::acts::finish)
        .act::<Job>("fail", job::acts::fail)
        .act::<Job>("retry", job::acts::retry)
        .prepare::<Import>(import::acts::made_by_platform)
        .act::<Import>("start", import::acts::start)
        .act::<Import>("cancel", import::acts::cancel)
        .act::<Import>("stop", import::acts::stop)
        .act::<Import>("report", import::acts::report)
        .act::<Import>("finish", import::acts::finish)
        .act::<Import>("fail", import::acts::fail)
        .handle(FindOrg::NAME, handler::<FindOrg>(answers::find_org))
        .handle(Orgs::NAME, handler::<Orgs>(answers::orgs))
        .handle(Companies::NAME, handler::<Companies>(answers::companies))
        .handle(CreateOrg::NAME, handler::<CreateOrg>(create_org::create_org))
        .handle(OpenChangeSet::NAME, handler::<OpenChangeSet>(change_set::close::open))
        .handle(CloseChangeSet::NAME, handler::<CloseChangeSet>(change_set::close::close))
        .handle(Undo::NAME, handler::<Undo>(change_set::undo::undo))
        .handle(Enqueue::NAME, handler::<Enqueue>(jobs::enqueue))
        .handle(BeginImport::NAME, handler::<BeginImport>(import::contract::begin))
        .handle(ReportImport::NAME, handler::<ReportImport>(import::contract::report))
        .handle(EndImport::NAME, handler::<EndImport>(import::contract::end))
        .handle(LogsOf::NAME, handler::<LogsOf>(log::logs))
        .handle(EventsOf::NAME, handler::<EventsOf>(events::events))
        .handle(VerifyLogs::NAME, handler::<VerifyLogs>(log::verify))
        .handle(SamplesOf::NAME, handler::<SamplesOf>(samples::samples))
        .handle(FillSamples::NAME, handler::<FillSamples>(samples::fill))
        .handle(RemoveSamples::NAME, handler::<RemoveSamples>(samples::remove))
        .handle(HealthOf::NAME, handler::<HealthOf>(health::health))
        .handle(KeepUpload::NAME, handler::<KeepUpload>(import::upload::keep))
        .handle(StartImport::NAME, handler::<StartImport>(import::upload::start))
        .handle(HoldImport::NAME, handler::<HoldImport>(import::upload::hold))
}
