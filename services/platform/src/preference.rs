//! Preferences: how the app looks and behaves for someone.

use kernel::entity;

/// How the app looks and behaves for a user in this organisation, on every device.
#[entity(service = "platform", prefix = "prf", plural = "preferences")]
#[permit(Everyone: read, create, update, delete; "owner == user.id")]
pub struct Preference {
    /// Whose they are; a user has one record.
    #[field(unique, default = actor)]
    pub owner: Option<Link<users::UserRef>>,
    /// The language and region, a BCP 47 tag such as `de-AT`; the browser's if empty.
    pub locale: Option<Text<35>>,
    /// Light or dark; as the device says if empty.
    #[field(choice(light, dark, contrast))]
    pub theme: Option<Choice>,
    /// How close the rows stand.
    #[field(choice(compact, regular, comfortable), default = "regular")]
    pub density: Choice,
    /// Whether single keys are shortcuts (WCAG 2.2, 2.1.4).
    #[field(default = true)]
    pub shortcuts: Boolean,
    /// What the app remembers besides, such as the columns' widths: a JSON object.
    pub settings: Option<Json>,
}
