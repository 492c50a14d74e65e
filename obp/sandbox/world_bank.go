package sandbox

import "time"

// Account at a bank; the balance is in minor units (cents).
type Account struct {
	BankID   string `json:"bank_id"`
	ID       string `json:"account_id"`
	Number   string `json:"number"`
	Label    string `json:"label"`
	Currency string `json:"currency"`
	Balance  int64  `json:"balance_minor_units"`
	Product  string `json:"product_code"`
	BranchID string `json:"branch_id"`
}

// AccountHolder is who owns an account; views are given apart (AccountAccess).
type AccountHolder struct {
	BankID    string `json:"bank_id"`
	AccountID string `json:"account_id"`
	UserID    string `json:"user_id"`
}

// SystemView is a view that every account has, with what it lets its users do
// to the views of others.
type SystemView struct {
	ID              string   `json:"view_id"`
	Name            string   `json:"name"`
	Description     string   `json:"description"`
	Public          bool     `json:"is_public"`
	Firehose        bool     `json:"is_firehose"`
	MayGrant        []string `json:"can_grant_access_to_views"`
	MayRevoke       []string `json:"can_revoke_access_to_views"`
	SeesAllUsers    bool     `json:"can_see_views_with_permissions_for_all_users"`
	SeesOneUser     bool     `json:"can_see_views_with_permissions_for_one_user"`
	MayGrantCustom  bool     `json:"can_grant_access_to_custom_views"`
	MayRevokeCustom bool     `json:"can_revoke_access_to_custom_views"`
}

// Customer of a bank. Dates of birth are yyyy-MM-dd.
type Customer struct {
	BankID        string     `json:"bank_id"`
	ID            string     `json:"customer_id"`
	Number        string     `json:"customer_number"`
	LegalName     string     `json:"legal_name"`
	Mobile        string     `json:"mobile_phone_number"`
	Email         string     `json:"email"`
	FaceImage     FaceImage  `json:"face_image"`
	BirthDate     string     `json:"date_of_birth"`
	Relationship  string     `json:"relationship_status"`
	Dependants    int        `json:"dependants"`
	DependantsDOB []string   `json:"dob_of_dependants"`
	CreditRating  Rating     `json:"credit_rating"`
	CreditLimit   Amount     `json:"credit_limit"`
	Education     string     `json:"highest_education_attained"`
	Employment    string     `json:"employment_status"`
	KYC           bool       `json:"kyc_status"`
	LastOK        *time.Time `json:"last_ok_date"`
	Title         string     `json:"title"`
	BranchID      string     `json:"branch_id"`
	NameSuffix    string     `json:"name_suffix"`
}

// FaceImage is where a customer's picture is.
type FaceImage struct {
	URL  string     `json:"url"`
	Date *time.Time `json:"date"`
}

// Rating is a credit rating and who gave it.
type Rating struct {
	Rating string `json:"rating"`
	Source string `json:"source"`
}

// Amount of money; the amount is decimal text.
type Amount struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

// CustomerLink says that a user acts for a customer.
type CustomerLink struct {
	ID         string    `json:"user_customer_link_id"`
	CustomerID string    `json:"customer_id"`
	UserID     string    `json:"user_id"`
	Inserted   time.Time `json:"date_inserted"`
	Active     bool      `json:"is_active"`
}

// UserAttribute is a personal attribute; Type is STRING, INTEGER, DOUBLE or
// DATE_WITH_DAY.
type UserAttribute struct {
	ID       string    `json:"user_attribute_id"`
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	Value    string    `json:"value"`
	Inserted time.Time `json:"insert_date"`
	UserID   string    `json:"user_id"`
}

// AuthContext is a key and value that the bank knows of a user.
type AuthContext struct {
	ID         string    `json:"user_auth_context_id"`
	UserID     string    `json:"user_id"`
	Key        string    `json:"key"`
	Value      string    `json:"value"`
	Created    time.Time `json:"time_stamp"`
	ConsumerID string    `json:"consumer_id"`
}
